# Around every mail
mail-colon = :
mail-greeting = Hello,
mail-greeting-named = Hello, { $name },
mail-reference = Reference
mail-support = Questions? Contact { $seller } and quote the reference:
mail-why = { $seller } sent you this mail because of a plan change in your account.
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

# Done
mail-confirmed-subject = Your plan change is done
mail-confirmed-text = The change is active from now on.
mail-confirmed-plan = Plan
mail-confirmed-holding-changed = now { $after } (before: { $before }, { $difference })
mail-confirmed-holding-same = { $after } (unchanged)
mail-confirmed-charged = Charged now
mail-confirmed-nothing-charged = nothing
mail-confirmed-recurring = At each renewal
mail-confirmed-next-renewal = Next renewal
mail-confirmed-receipt = See the receipt

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

# Money given back
mail-refunded-subject = You get money back
mail-refunded-text = We have given this amount back. Your bank decides on which day you see it on your statement.
mail-refunded-amount = Amount
