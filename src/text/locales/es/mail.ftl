mail-colon = :
mail-greeting = Hola:
mail-greeting-named = Hola, { $name }:
mail-reference = Referencia
mail-support = ¿Dudas? Escribe a { $seller } e indica la referencia:
mail-why = { $seller } te envió este correo por un cambio de plan en tu cuenta.
mail-go-on-in-the-product = Para continuar, abre la página de planes de { $seller }.

mail-quote-subject = Tu presupuesto está listo
mail-quote-text = El cambio de plan que preparaste espera tu confirmación. No se cobra nada hasta que confirmes.
mail-quote-due-today = A pagar hoy
mail-quote-holds-until = El presupuesto es válido hasta
mail-quote-action = Revisar y confirmar

mail-reminder-subject = Tu cambio de plan te espera
mail-reminder-text = Tu cambio de plan no está terminado y espera el siguiente paso. Si no haces nada, se cierra solo y tu plan queda como está.
mail-reminder-deadline = Abierto hasta
mail-reminder-action = Continuar

mail-authentication-subject = Confirma el pago con tu banco
mail-authentication-text = Tu banco te pide que confirmes este pago. Hasta entonces, tu plan queda como está.
mail-authentication-amount = Importe
mail-authentication-deadline = Confírmalo antes del
mail-authentication-action = Confirmar con el banco

mail-declined-subject = El pago no fue aprobado
mail-declined-text = No se cobró nada, y tu plan queda como está.
mail-declined-amount = Importe que no se cobró
mail-declined-action = Elegir otra tarjeta

mail-confirmed-subject = Tu cambio de plan está hecho
mail-confirmed-text = El cambio rige desde ahora.
mail-confirmed-plan = Plan
mail-confirmed-holding-changed = ahora { $after } (antes: { $before }, { $difference })
mail-confirmed-holding-same = { $after } (sin cambios)
mail-confirmed-charged = Cobrado ahora
mail-confirmed-nothing-charged = nada
mail-confirmed-recurring = En cada renovación
mail-confirmed-next-renewal = Próxima renovación
mail-confirmed-receipt = Ver el recibo

mail-nota-fiscal-subject = Tu nota fiscal { $number }
mail-nota-fiscal-text = Se emitió la nota fiscal de tu plan.
mail-nota-fiscal-number = Número
mail-nota-fiscal-amount = Importe
mail-nota-fiscal-action = Abrir la nota fiscal

mail-ticket-subject = Recibimos tu solicitud { $ticket }
mail-ticket-text = El soporte de { $seller } la revisará y responderá por correo. Hasta entonces, tu plan y su precio quedan como están.
mail-ticket-number = Solicitud
mail-ticket-scheduled-subject = Tu solicitud { $ticket } está programada
mail-ticket-scheduled-text = El soporte de { $seller } reducirá tu plan el día que aparece abajo. Hasta entonces queda como está, y puedes retirar la solicitud.
mail-ticket-scheduled-day = Rige a partir del
mail-ticket-declined-subject = Respuesta a tu solicitud { $ticket }
mail-ticket-declined-text = El soporte de { $seller } no pudo atender tu solicitud. Tu plan y su precio quedan como están.
mail-ticket-declined-why = Motivo
mail-ticket-held-subject = ¿Es tuya la solicitud { $ticket }?
mail-ticket-held-text = El soporte de { $seller } recibió una solicitud para reducir tu plan desde una dirección que no es la tuya. No se ha cambiado nada. Si es tuya, responde desde tu propia dirección; si no lo es, no tienes que hacer nada.
mail-ticket-replaced-subject = Tu solicitud { $ticket } ya no vale
mail-ticket-replaced-text = Tu plan en { $seller } ha cambiado desde que se programó esta solicitud, así que no se llevará a cabo. Si todavía quieres menos, vuelve a pedirlo.
mail-ticket-fell-subject = No se pudo llevar a cabo tu solicitud { $ticket }
mail-ticket-fell-text = Algo impide tu solicitud programada. El soporte de { $seller } lo está revisando y responderá por correo. Hasta entonces, tu plan queda como está.
mail-ticket-answered-subject = Respuesta a tu solicitud { $ticket }
mail-ticket-answered-text = El soporte de { $seller } escribe:

mail-expired-subject = Tu cambio de plan se cerró
mail-expired-text = El cambio de plan no se terminó a tiempo y se cerró. No se cobró nada, y tu plan queda como está. Puedes empezar de nuevo cuando quieras.
mail-cancelled-subject = Tu cambio de plan fue cancelado
mail-cancelled-text = El cambio de plan fue cancelado. No se cobró nada, y tu plan queda como está.

mail-refunded-subject = Te devolvemos dinero
mail-refunded-text = Te devolvimos este importe. Tu banco decide qué día aparece en tu extracto.
mail-refunded-amount = Importe
