# Around every mail
mail-colon = :
mail-greeting = Hello,
mail-greeting-named = Hello, { $name },
mail-reference = Reference
mail-support = Questions? Contact { $seller } and quote the reference:
mail-support-account = Questions? Contact { $seller }:
mail-why = { $seller } sent you this mail because of a plan change in your account.
mail-why-account = { $seller } sent you this mail because of your account.
mail-go-on-in-the-product = To go on, open the plans page of { $seller }.

# A quote waits
mail-quote-subject = Your quote is ready
mail-quote-text = The plan change that you prepared waits for your confirmation. Nothing is charged until you confirm.
mail-quote-due-today = Due today
mail-quote-holds-until = The quote holds until
mail-quote-action = Review and confirm

# Not finished for a while
mail-reminder-subject = Your plan change is waiting for you
mail-reminder-text = Your plan change is not finished and waits for your next step. If you do nothing, it ends on its own and your plan stays as it is.
mail-reminder-deadline = Open until
mail-reminder-action = Continue

# The bank wants the customer to authenticate
mail-authentication-subject = Confirm the payment with your bank
mail-authentication-text = Your bank asks you to confirm this payment. Until then, your plan stays as it is.
mail-authentication-amount = Amount
mail-authentication-deadline = Please confirm until
mail-authentication-action = Confirm with the bank

# The bank refused the card
mail-declined-subject = The payment was not approved
mail-declined-text = Nothing was charged, and your plan stays as it is.
mail-declined-amount = Amount that was not charged
mail-declined-action = Choose another card

# Something that the customer pays on their own: boleto, Pix
mail-boleto-subject = Your boleto is ready
mail-boleto-again-subject = Your boleto is still open
mail-boleto-text = Your plan changes once this boleto is paid. Until then, it stays as it is.
mail-boleto-code = Line to type or copy
mail-boleto-action = Open the boleto
mail-pix-subject = Your Pix code is ready
mail-pix-again-subject = Your Pix code is still open
mail-pix-text = Your plan changes once this Pix is paid. Until then, it stays as it is.
mail-pix-code = Pix code to copy
mail-pix-action = Open the QR code
mail-voucher-amount = Amount
mail-voucher-until = Pay until

# Done
mail-confirmed-subject = Your plan change is done
mail-confirmed-text = The change is active from now on.
mail-confirmed-plan = Plan
mail-confirmed-holding-changed = now { $after } (before: { $before }, { $difference })
mail-confirmed-holding-same = { $after } (unchanged)
mail-confirmed-charged = Charged now
mail-confirmed-nothing-charged = nothing
mail-renewal-amount = At each renewal
mail-renewal-day = Next renewal
mail-confirmed-receipt = See the receipt
mail-confirmed-contract = Contract
mail-confirmed-next-steps = What to do next:

# The tax invoice of Brazil
mail-nota-fiscal-subject = Your nota fiscal { $number }
mail-nota-fiscal-text = The nota fiscal for your plan has been issued.
mail-nota-fiscal-number = Number
mail-nota-fiscal-amount = Amount
mail-nota-fiscal-action = Open the nota fiscal

# A request to go down
mail-ticket-subject = We received your request { $ticket }
mail-ticket-text = The support of { $seller } will look at it and answer by mail. Until then, your plan and its price stay as they are.
mail-ticket-number = Request
mail-ticket-scheduled-subject = Your request { $ticket } is scheduled
mail-ticket-scheduled-text = The support of { $seller } will lower your plan on the day below. Until then it stays as it is, and you can withdraw the request.
mail-ticket-scheduled-day = Takes effect on
mail-ticket-applied-subject = Your request { $ticket } is done
mail-ticket-applied-text = The support of { $seller } has changed your plan as you asked. This is what you have now.
mail-ticket-declined-subject = Answer to your request { $ticket }
mail-ticket-declined-text = The support of { $seller } could not grant your request. Your plan and its price stay as they are.
mail-ticket-declined-why = Reason
mail-ticket-held-subject = Is this request { $ticket } yours?
mail-ticket-held-text = A request to reduce your plan reached the support of { $seller } from an address that is not yours. Nothing is changed. If it is yours, answer from your own address; if not, you need do nothing.
mail-ticket-replaced-subject = Your request { $ticket } falls away
mail-ticket-replaced-text = Your plan with { $seller } has changed since this request was scheduled, so that it will not be carried out. If you still want less, ask again.
mail-ticket-fell-subject = Your request { $ticket } could not be carried out
mail-ticket-fell-text = Something stands in the way of your scheduled request. The support of { $seller } is looking at it and will answer by mail. Until then, your plan stays as it is.
mail-ticket-answered-subject = Answer to your request { $ticket }
mail-ticket-answered-text = The support of { $seller } writes:

# Ended without a change
mail-expired-subject = Your plan change has ended
mail-expired-text = The plan change was not finished in time and has ended. Nothing was charged, and your plan stays as it is. You can start again whenever you like.
mail-cancelled-subject = Your plan change was cancelled
mail-cancelled-text = The plan change was cancelled. Nothing was charged, and your plan stays as it is.

# A change that takes effect on a day
mail-scheduled-subject = Your plan change is scheduled
mail-scheduled-text = Your plan changes on the day below. Until then, it stays as it is.
mail-scheduled-day = Takes effect on

# Changed by somebody else
mail-changed-subject = Your plan was changed
mail-changed-by-support-text = The support of { $seller } has changed your plan. This is what you have now.
mail-changed-by-agency-text = { $agency } has changed your plan. This is what you have now.
mail-changed-elsewhere-text = Your plan was changed, but not on its plans page. This is what you have now. If you did not expect it, please contact the support.

# The contract as a whole
mail-ending-subject = Your contract will end
mail-ending-text = Your contract ends on the day below. Until then, you keep all that you have; afterwards nothing is charged any more.
mail-ending-day = Ends on
mail-continues-subject = Your contract goes on
mail-continues-text = Your contract does not end after all. It renews as before.
mail-ended-subject = Your contract has ended
mail-ended-text = Your contract has ended, and nothing is charged for it any more.
mail-ended-day = Ended on
mail-past-due-subject = Your last invoice is not paid
mail-past-due-text = We could not collect your last invoice. Please pay it, so that you can keep your plan. Until then, it cannot be changed.
mail-past-due-amount = Open amount
mail-past-due-since = Open since
mail-past-due-action = Pay the invoice

# Cards on file
mail-card-added-subject = A card was added
mail-card-added-text = This card was added to your account. If you did not expect it, please contact the support.
mail-card-removed-subject = A card was removed
mail-card-removed-text = This card was removed from your account. If you did not expect it, please contact the support.
mail-card-renewals-subject = Another card pays your renewals
mail-card-renewals-text = From the next renewal on, this card is charged. If you did not expect it, please contact the support.
mail-card-card = Card
mail-card-ending = { $brand } ending in { $digits }
mail-card-expiry = Expires

# Use against a limit

# Who pays for a client
mail-payer-subject = { $agency } asks whether your card may pay
mail-payer-text = { $agency } would like your own card to pay for the services of your account. Nothing is charged until you agree.
mail-payer-until = Answer until
mail-payer-action = Look at it and answer

# Money given back
mail-refunded-subject = You get money back
mail-refunded-text = We have given this amount back. Your bank decides on which day you see it on your statement.
mail-refunded-amount = Amount

# A limit is near or reached
mail-limit-near-subject = { $percent }% of your limit is used: { $what }
mail-limit-reached-subject = The limit is reached: { $what }
mail-limit-near-charged = You can go on after the limit; what goes beyond it is charged with the next invoice. Your plan stays as it is.
mail-limit-reached-charged = You can go on; what goes beyond the limit is charged with the next invoice. Your plan stays as it is.
mail-limit-near-stops = At the limit no more can be used until the period ends. Your plan stays as it is.
mail-limit-reached-stops = No more can be used until the period ends. Your plan stays as it is.
mail-limit-goes-on = You can go on; nothing more is charged. Your plan stays as it is.
mail-limit-used = Used
mail-limit-limit = Limit
mail-limit-until = Period ends
mail-limit-client = Client
mail-limit-why = { $seller } sent you this mail because of what is used in your account.
mail-credited-text = This payment cannot be sent back the way it came. We have written the amount to your balance, and it pays for your next invoices.
