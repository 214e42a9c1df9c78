# Around every page
page-skip = Skip to the content
page-sections = Sections
page-support = Questions?
page-support-site = Support page
page-reference = Reference:
page-language = Language
page-back = Back
page-back-to-product = Back to { $seller }
yes = Yes
no = No
optional = optional

tab-billing = Your plan
tab-plans = Plans
tab-clients = Clients
tab-wallet = Cards
tab-invoices = Invoices
tab-usage = Usage
tab-history = History
tab-contact = Get in touch

# When there is no page
trouble-title = This did not work
trouble-link-title = This link has ended
trouble-link-text = For your safety, links and sessions end after a while. Nothing was changed or charged.
trouble-link-next = Open the page again from the product, or use the newest link that you were mailed.
trouble-form-title = This form cannot be used any more
trouble-form-text = It is too old, or was not sent from our page. Nothing was changed or charged.
trouble-form-next = Go back, reload the page, and send it again.
trouble-page-title = There is no such page
trouble-page-text = It may have moved, or it belongs to somebody else.
trouble-page-next = Go back to where you came from, or start again in the product.

# Plans
plans-title = Plans
plans-held = Your plan
plans-choose = Choose
plans-who-can = Who can change the plan: { $roles }.
plans-send-on = Send this to somebody who can
plans-questions = Questions about plans and prices?

# Choosing
choose-plan = Plan
choose-show-plan = Show this plan's options
choose-interval = How often you are charged
choose-none = None
choose-held = You have it
choose-options = Choose for { $item }
choose-options-count = Choose { $min } to { $max }.
choose-enough-for = Enough for { $count }
choose-grant = { $units } { $name } every month
choose-included = { $count } included in the plan
choose-now = now { $count }
choose-less = Fewer { $item }
choose-more = More { $item }
choose-tiers = Prices by quantity
choose-tier-up-to = Up to { $count }
choose-tier-above = Above
choose-tier-each = { $price } each
choose-unit-month = { $price } per month
choose-unit-year = { $price } per year
choose-elsewhere = On other plans
choose-responsible = Person who is financially responsible
choose-responsible-hint = This name stands in the contract.
choose-summary = Summary
choose-nothing-yet = Nothing has changed yet.
choose-estimate = Estimate
choose-about-today = Today, about
choose-estimate-note = An estimate. Before you confirm, you see the exact amounts, with taxes.
choose-way-ticket = This goes by a request
choose-way-ticket-text = Our support answers it by mail. Nothing changes until then.
choose-way-no = This is not offered here. Our support is glad to help.
choose-frozen = Your plan renews within the hour. Please come back after the renewal.
choose-new-customer = You see the exact amounts on the next page, before you confirm anything.
choose-go-to-open = Go to the change that is open
choose-supersede = Give that one up and go on here
choose-update-price = Update the price
choose-price-questions = Questions about prices?
interval-month = Every month
interval-year = Every year
moves-now-then = now { $now }, will be { $then }
recurring-month = From { $day } on: { $amount } every month
recurring-year = From { $day } on: { $amount } every year

# A change
change-title = Your plan change
change-steps = Steps
change-otherwise = Choose something else
change-cancel = Cancel this change

wait-title-quote = Your quote is being made
wait-text-quote = We ask the payment provider for the exact amounts. This takes a moment; nothing is charged.
wait-title-billing = Your data is being saved
wait-text-billing = This takes a moment.
wait-title-charge = Your payment is on its way
wait-text-charge = You can leave this page: nothing is charged twice, and you get a mail when it is done.
wait-title-settle = Your payment is being settled
wait-text-settle = The bank has not told the result yet. You get a mail when it is done.
wait-title-abort = The change is being cancelled
wait-text-abort = We make sure that nothing can be charged any more.
wait-stuck = This takes longer than it should. Our support has been told, and looks into it.
wait-look = Look again

quote-title = Your quote
quote-effective-on = Takes effect on { $day }, with the next period. Nothing is due now.
quote-replaces = What was planned for the end of the period falls away.
quote-due-lines = What is due today, line by line
quote-line-other = Other
quote-line-credit = Credit for the time that is left
quote-line-prorated = For the rest of the period
quote-balance = From your balance
quote-carried = Too little to charge: goes onto the next invoice
quote-due-today = Due today
quote-holds-until = This quote holds until { $day }.
quote-go-on = Continue
quote-nothing-charged = Nothing is charged yet.

drift-expired = The quote had expired. This is the new one.
drift-amounts = The amounts have moved since you saw them. Nothing was charged.
drift-billing = Your billing data changes what is due.
drift-what-due-today = Due today
drift-what-subtotal = Subtotal
drift-what-tax = Taxes
drift-what-balance-used = From your balance
drift-what-line = Line
drift-what-recurring = From the next renewal

billing-intro = For your invoices.
billing-on-file = This is what we have on file. Please check it.
billing-country = Country

pay-title = How would you like to pay?
pay-expires = expires { $date }
pay-new-card = A new card
pay-boleto = Boleto
pay-pix = Pix
pay-available-from = Available from { $day }
pay-least = From { $amount } on
pay-most = Up to { $amount }
pay-not-tax-id = Needs a Brazilian tax number in your billing data
pay-not-currency = Not in this currency
pay-not-first = Not for a first purchase
pay-not-too-late = The next renewal is too near
pay-not-nothing-due = Nothing is due
pay-card-failed = The card could not be added. Nothing was charged.
pay-working = One moment…
pay-terms = With the button you agree to these amounts and to the
pay-terms-link = terms, version { $version }
card-name = Name on the card
card-number = Card number
card-expiry = Expiry (MM/YY)
card-cvc = Security code
card-sandbox = Play money: use a test card, such as 4242 4242 4242 4242.
card-not-configured = New cards cannot be taken here at the moment. Please ask our support.
card-needs-script = A new card needs JavaScript: it goes from your browser straight to the payment provider.

declined-title = The payment was not approved
declined-try = Pay with this card

authenticate-title = Confirm with your bank
authenticate-text = Your bank wants to know that it is you. Nothing is charged before.
authenticate-go = Go to the bank
authenticate-wait = This page goes on by itself once the bank has answered.

voucher-title-boleto = Your boleto
voucher-title-pix = Pay by Pix
voucher-text-boleto = Pay it at any bank or in its app. Your plan changes once the money has arrived.
voucher-text-pix = Copy the code into your bank's app. Your plan changes as soon as the money has arrived.
voucher-pay-until = Pay until
voucher-code-boleto = Number to type
voucher-code-pix = Copy-and-paste code
voucher-copy = Copy
voucher-copied = Copied
voucher-pdf = PDF
voucher-page = Open
voucher-wait = You can close this page. A mail tells you when it is done.

done-text = Your plan is active. A confirmation is on its way by mail.
done-later = It is settled, and takes effect on { $day }.
done-charged = Charged
done-receipt = Receipt
done-next = Next charge
done-next-steps = What comes next

ticket-received = Your request
ticket-number = Ticket number
ticket-effective = Takes effect on
ticket-effective-on = Would take effect on { $day }.
ticket-problem = Something stood in the way. Our support looks into it.
ticket-said = What was said
ticket-by-customer = You
ticket-by-support = Support
ticket-comment = Add something
ticket-comment-send = Send
ticket-choose = Please choose
ticket-send = Send the request
ticket-losing = What you would no longer have
ticket-no-plan = no plan
ticket-ends = Your contract would end.
ticket-stage-downgrade-ticket-held = We check where this request comes from.
ticket-stage-downgrade-ticket-open = We have received it. The answer comes by mail.
ticket-stage-downgrade-ticket-scheduling = It was accepted and is being prepared.
ticket-stage-downgrade-ticket-scheduled = It was accepted, and takes effect on its day.
ticket-stage-downgrade-ticket-applying = It was accepted and is being carried out.

over-cancelled = This change was cancelled
over-expired = This change has expired
over-text = Your plan stays as it is.
over-leave = Back
over-again = Start again
