mail-colon = { "\u00A0" }:
mail-greeting = Bonjour,
mail-greeting-named = Bonjour { $name },
mail-reference = Référence
mail-support = Une question ? Écrivez à { $seller } en indiquant la référence :
mail-support-account = Une question ? Écrivez à { $seller } :
mail-why = { $seller } vous a envoyé cet e-mail au sujet d’un changement de forfait sur votre compte.
mail-why-account = { $seller } vous a envoyé cet e-mail au sujet de votre compte.
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
mail-authentication-deadline = À confirmer au plus tard le
mail-authentication-action = Confirmer auprès de la banque

mail-declined-subject = Le paiement n’a pas été approuvé
mail-declined-text = Rien n’a été débité, et votre forfait reste tel quel.
mail-declined-amount = Montant non débité
mail-declined-action = Choisir une autre carte

mail-boleto-subject = Votre boleto est prêt
mail-boleto-again-subject = Votre boleto est toujours en attente
mail-boleto-text = Votre forfait change dès que ce boleto est payé. D’ici là, il reste tel quel.
mail-boleto-code = Ligne à saisir ou à copier
mail-boleto-action = Ouvrir le boleto
mail-pix-subject = Votre code Pix est prêt
mail-pix-again-subject = Votre code Pix est toujours en attente
mail-pix-text = Votre forfait change dès que ce Pix est payé. D’ici là, il reste tel quel.
mail-pix-code = Code Pix à copier
mail-pix-action = Ouvrir le code QR
mail-voucher-amount = Montant
mail-voucher-until = À payer au plus tard le

mail-confirmed-subject = Votre changement de forfait est effectué
mail-confirmed-text = Le changement est effectif dès maintenant.
mail-confirmed-plan = Forfait
mail-confirmed-holding-changed = désormais { $after } (auparavant : { $before }, { $difference })
mail-confirmed-holding-same = { $after } (inchangé)
mail-confirmed-charged = Débité maintenant
mail-confirmed-nothing-charged = rien
mail-renewal-amount = À chaque renouvellement
mail-renewal-day = Prochain renouvellement
mail-confirmed-receipt = Voir le reçu
mail-confirmed-contract = Contrat
mail-confirmed-next-steps = Et maintenant :

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
mail-ticket-applied-subject = Votre demande { $ticket } est effectuée
mail-ticket-applied-text = L’assistance de { $seller } a modifié votre forfait comme vous l’aviez demandé. Voici ce que vous avez désormais.
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

mail-scheduled-subject = Votre changement de forfait est programmé
mail-scheduled-text = Votre forfait change à la date ci-dessous. D’ici là, il reste tel quel.
mail-scheduled-day = Prend effet le

mail-changed-subject = Votre forfait a été modifié
mail-changed-by-support-text = L’assistance de { $seller } a modifié votre forfait. Voici ce que vous avez désormais.
mail-changed-by-agency-text = { $agency } a modifié votre forfait. Voici ce que vous avez désormais.
mail-changed-elsewhere-text = Votre forfait a été modifié, mais pas depuis sa page des forfaits. Voici ce que vous avez désormais. Si vous ne vous y attendiez pas, écrivez à l’assistance.

mail-ending-subject = Votre contrat va prendre fin
mail-ending-text = Votre contrat prend fin à la date ci-dessous. D’ici là, vous gardez tout ce que vous avez ; ensuite, plus rien n’est débité.
mail-ending-day = Prend fin le
mail-continues-subject = Votre contrat se poursuit
mail-continues-text = Votre contrat ne prend finalement pas fin. Il se renouvelle comme avant.
mail-ended-subject = Votre contrat a pris fin
mail-ended-text = Votre contrat a pris fin, et plus rien n’est débité à ce titre.
mail-ended-day = A pris fin le
mail-past-due-subject = Votre dernière facture n’est pas payée
mail-past-due-text = Nous n’avons pas pu encaisser votre dernière facture. Réglez-la pour garder votre forfait. D’ici là, il ne peut pas être modifié.
mail-past-due-amount = Montant dû
mail-past-due-since = Dû depuis le
mail-past-due-action = Payer la facture

mail-card-added-subject = Une carte a été ajoutée
mail-card-added-text = Cette carte a été ajoutée à votre compte. Si vous ne vous y attendiez pas, écrivez à l’assistance.
mail-card-removed-subject = Une carte a été retirée
mail-card-removed-text = Cette carte a été retirée de votre compte. Si vous ne vous y attendiez pas, écrivez à l’assistance.
mail-card-renewals-subject = Une autre carte paie vos renouvellements
mail-card-renewals-text = À partir du prochain renouvellement, cette carte est débitée. Si vous ne vous y attendiez pas, écrivez à l’assistance.
mail-card-card = Carte
mail-card-ending = { $brand } se terminant par { $digits }
mail-card-expiry = Expiration


mail-payer-subject = { $agency } demande si votre carte peut payer
mail-payer-text = { $agency } souhaite que votre propre carte paie les services de votre compte. Rien n’est débité tant que vous n’avez pas accepté.
mail-payer-until = Réponse au plus tard le
mail-payer-action = Consulter et répondre

mail-refunded-subject = Nous vous remboursons
mail-refunded-text = Nous vous avons remboursé ce montant. Votre banque décide du jour où il apparaît sur votre relevé.
mail-refunded-amount = Montant

mail-limit-near-subject = { $percent } % de votre limite sont utilisés : { $what }
mail-limit-reached-subject = Limite atteinte : { $what }
mail-limit-near-charged = Après la limite, vous pouvez continuer ; ce qui la dépasse est débité avec la prochaine facture. Votre forfait reste tel quel.
mail-limit-reached-charged = Vous pouvez continuer ; ce qui dépasse la limite est débité avec la prochaine facture. Votre forfait reste tel quel.
mail-limit-near-stops = Une fois la limite atteinte, plus rien ne peut être utilisé jusqu’à la fin de la période. Votre forfait reste tel quel.
mail-limit-reached-stops = Plus rien ne peut être utilisé jusqu’à la fin de la période. Votre forfait reste tel quel.
mail-limit-goes-on = Vous pouvez continuer ; rien de plus n’est débité. Votre forfait reste tel quel.
mail-limit-used = Utilisé
mail-limit-limit = Limite
mail-limit-until = Fin de la période
mail-limit-client = Client
mail-limit-why = { $seller } vous a envoyé cet e-mail au sujet de l’utilisation sur votre compte.
mail-credited-text = Ce paiement ne peut pas être renvoyé par où il est venu. Nous avons porté le montant à votre solde, et il sert à payer vos prochaines factures.
