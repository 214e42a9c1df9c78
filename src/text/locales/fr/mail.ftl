mail-colon = { "\u00A0" }:
mail-greeting = Bonjour,
mail-greeting-named = Bonjour { $name },
mail-reference = Référence
mail-support = Une question ? Écrivez à { $seller } en indiquant la référence :
mail-why = { $seller } vous a envoyé cet e-mail au sujet d’un changement de forfait sur votre compte.
mail-go-on-in-the-product = Pour continuer, ouvrez la page des forfaits de { $seller }.

mail-quote-subject = Votre devis est prêt
mail-quote-text = Le changement de forfait que vous avez préparé attend votre confirmation. Rien n’est débité tant que vous n’avez pas confirmé.
mail-quote-due-today = À payer aujourd’hui
mail-quote-holds-until = Devis valable jusqu’au
mail-quote-action = Vérifier et confirmer

mail-reminder-subject = Votre changement de forfait vous attend
mail-reminder-text = Votre changement de forfait n’est pas terminé et attend l’étape suivante. Si vous ne faites rien, il se ferme de lui-même et votre forfait reste tel quel.
mail-reminder-deadline = Ouvert jusqu’au
mail-reminder-action = Continuer

mail-authentication-subject = Confirmez le paiement auprès de votre banque
mail-authentication-text = Votre banque vous demande de confirmer ce paiement. D’ici là, votre forfait reste tel quel.
mail-authentication-amount = Montant
mail-authentication-deadline = À confirmer avant le
mail-authentication-action = Confirmer auprès de la banque

mail-declined-subject = Le paiement n’a pas été approuvé
mail-declined-text = Rien n’a été débité, et votre forfait reste tel quel.
mail-declined-amount = Montant non débité
mail-declined-action = Choisir une autre carte

mail-confirmed-subject = Votre changement de forfait est effectué
mail-confirmed-text = Le changement est effectif dès maintenant.
mail-confirmed-plan = Forfait
mail-confirmed-holding-changed = désormais { $after } (auparavant : { $before }, { $difference })
mail-confirmed-holding-same = { $after } (inchangé)
mail-confirmed-charged = Débité maintenant
mail-confirmed-nothing-charged = rien
mail-confirmed-recurring = À chaque renouvellement
mail-confirmed-next-renewal = Prochain renouvellement
mail-confirmed-receipt = Voir le reçu

mail-nota-fiscal-subject = Votre nota fiscal { $number }
mail-nota-fiscal-text = La nota fiscal de votre forfait a été émise.
mail-nota-fiscal-number = Numéro
mail-nota-fiscal-amount = Montant
mail-nota-fiscal-action = Ouvrir la nota fiscal

mail-ticket-subject = Nous avons reçu votre demande { $ticket }
mail-ticket-text = L’assistance de { $seller } va l’examiner et vous répondre par e-mail. D’ici là, votre forfait et son prix restent tels quels.
mail-ticket-number = Demande
mail-ticket-scheduled-subject = Votre demande { $ticket } est programmée
mail-ticket-scheduled-text = L’assistance de { $seller } réduira votre forfait à la date ci-dessous. D’ici là il reste tel quel, et vous pouvez retirer la demande.
mail-ticket-scheduled-day = Prend effet le
mail-ticket-declined-subject = Réponse à votre demande { $ticket }
mail-ticket-declined-text = L’assistance de { $seller } n’a pas pu accéder à votre demande. Votre forfait et son prix restent tels quels.
mail-ticket-declined-why = Motif
mail-ticket-held-subject = La demande { $ticket } vient-elle de vous ?
mail-ticket-held-text = L’assistance de { $seller } a reçu une demande de réduction de votre forfait depuis une adresse qui n’est pas la vôtre. Rien n’est changé. Si elle vient de vous, répondez depuis votre propre adresse. Sinon, vous n’avez rien à faire.
mail-ticket-replaced-subject = Votre demande { $ticket } n’est plus valable
mail-ticket-replaced-text = Votre forfait chez { $seller } a changé depuis que cette demande a été programmée. Elle ne sera donc pas exécutée. Si vous voulez toujours moins, refaites-en la demande.
mail-ticket-fell-subject = Votre demande { $ticket } n’a pas pu être exécutée
mail-ticket-fell-text = Quelque chose empêche votre demande programmée. L’assistance de { $seller } s’en occupe et répondra par e-mail. D’ici là, votre forfait reste tel quel.
mail-ticket-answered-subject = Réponse à votre demande { $ticket }
mail-ticket-answered-text = L’assistance de { $seller } écrit :

mail-expired-subject = Votre changement de forfait s’est fermé
mail-expired-text = Le changement de forfait n’a pas été terminé à temps et s’est fermé. Rien n’a été débité, et votre forfait reste tel quel. Vous pouvez recommencer quand vous voulez.
mail-cancelled-subject = Votre changement de forfait a été annulé
mail-cancelled-text = Le changement de forfait a été annulé. Rien n’a été débité, et votre forfait reste tel quel.

mail-refunded-subject = Nous vous remboursons
mail-refunded-text = Nous vous avons remboursé ce montant. Votre banque décide du jour où il apparaît sur votre relevé.
mail-refunded-amount = Montant
