# The taxes of a quote.
tax-name = Tax
tax-percentage = { $number }%
tax-reverse-charge = You account for this tax yourself (reverse charge).
tax-customer-exempt = You are exempt from this tax.
tax-product-exempt = What you are buying is exempt from this tax.
tax-zero-rated = This tax has a rate of zero here.
