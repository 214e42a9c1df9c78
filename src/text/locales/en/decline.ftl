# Why a card was refused. Only what the bank said; the generic sentence gives no cause, because none may be invented and
# some must not be said aloud.
decline-generic = Your bank did not approve the payment.
decline-insufficient-funds = Your bank says that the card does not have enough balance or limit for this amount.
decline-expired-card = The card has expired, or its expiry date was not typed as it is on the card.
decline-incorrect-cvc = The security code is not the one of this card.
decline-incorrect-number = The card number is not right.
decline-not-supported = The card does not accept this kind of purchase or this currency.
decline-processing-error = Your bank could not process the payment just now. The same card may work in a few minutes.
decline-velocity = Your bank says that the card has reached its limit of payments for now.
decline-authentication-failed = The payment was not confirmed with your bank.

# The checklist, always complete and in this order.
decline-please-check = Please check:
decline-check-number = that the card number is right
decline-check-expiry = that the expiry date is right and has not passed
decline-check-code = that the security code is right
decline-check-online = that the card is enabled for online purchases
decline-check-limit = that the balance or limit is enough
decline-ask-the-issuer = If all of this is right, please ask the bank or company that issued the card.
decline-voucher-expired = The boleto or Pix was not paid in time, and can no longer be paid.
decline-choose-again = Choose how you want to pay, and a new one is made.
