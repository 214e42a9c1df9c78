# The taxes of a quote.
tax-name = Taxe
tax-percentage = { $number } %
tax-reverse-charge = Vous acquittez vous-même cette taxe (autoliquidation).
tax-customer-exempt = Vous êtes exonéré de cette taxe.
tax-product-exempt = Votre achat est exonéré de cette taxe.
tax-zero-rated = Le taux de cette taxe est nul dans ce cas.
