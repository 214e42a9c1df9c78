# The taxes of a quote.
tax-name = Impuesto
tax-percentage = { $number } %
tax-reverse-charge = Usted liquida este impuesto por su cuenta (inversión del sujeto pasivo).
tax-customer-exempt = Usted está exento de este impuesto.
tax-product-exempt = Lo que compra está exento de este impuesto.
tax-zero-rated = El tipo de este impuesto es cero en este caso.
