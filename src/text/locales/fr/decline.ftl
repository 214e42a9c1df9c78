decline-generic = Votre banque n’a pas approuvé le paiement.
decline-insufficient-funds = Votre banque indique que le solde ou le plafond de la carte ne suffit pas pour ce montant.
decline-expired-card = La carte a expiré, ou la date d’expiration n’a pas été saisie telle qu’elle figure sur la carte.
decline-incorrect-cvc = Le code de sécurité n’est pas celui de cette carte.
decline-incorrect-number = Le numéro de carte n’est pas correct.
decline-not-supported = La carte n’accepte pas ce type d’achat ou cette devise.
decline-processing-error = Votre banque n’a pas pu traiter le paiement pour le moment. La même carte peut fonctionner dans quelques minutes.
decline-velocity = Votre banque indique que la carte a atteint pour l’instant sa limite de paiements.
decline-authentication-failed = Le paiement n’a pas été confirmé auprès de votre banque.

decline-please-check = Merci de vérifier :
decline-check-number = que le numéro de carte est correct
decline-check-expiry = que la date d’expiration est correcte et n’est pas dépassée
decline-check-code = que le code de sécurité est correct
decline-check-online = que la carte est activée pour les achats en ligne
decline-check-limit = que le solde ou le plafond est suffisant
decline-ask-the-issuer = Si tout est correct, adressez-vous à la banque ou à l’organisme qui a émis la carte.
