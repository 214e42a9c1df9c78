# The taxes of a quote.
tax-name = Imposto
tax-percentage = { $number }%
tax-reverse-charge = Este imposto é recolhido por você (autoliquidação).
tax-customer-exempt = Você está isento deste imposto.
tax-product-exempt = O que você está comprando é isento deste imposto.
tax-zero-rated = A alíquota deste imposto é zero neste caso.
