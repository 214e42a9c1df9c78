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

mail-expired-subject = Tu cambio de plan se cerró
mail-expired-text = El cambio de plan no se terminó a tiempo y se cerró. No se cobró nada, y tu plan queda como está. Puedes empezar de nuevo cuando quieras.
mail-cancelled-subject = Tu cambio de plan fue cancelado
mail-cancelled-text = El cambio de plan fue cancelado. No se cobró nada, y tu plan queda como está.

mail-refunded-subject = Te devolvemos dinero
mail-refunded-text = Te devolvimos este importe. Tu banco decide qué día aparece en tu extracto.
mail-refunded-amount = Importe

mail-limit-near-subject = Ya se usó el { $percent } % del límite: { $what }
mail-limit-reached-subject = Límite alcanzado: { $what }
mail-limit-near-charged = Después del límite puedes seguir usando; lo que lo supere se cobra en la próxima factura. Tu plan queda como está.
mail-limit-reached-charged = Puedes seguir usando; lo que supere el límite se cobra en la próxima factura. Tu plan queda como está.
mail-limit-near-stops = Al llegar al límite no se puede usar más hasta que termine el período. Tu plan queda como está.
mail-limit-reached-stops = No se puede usar más hasta que termine el período. Tu plan queda como está.
mail-limit-goes-on = Puedes seguir usando; no se cobra nada más. Tu plan queda como está.
mail-limit-used = Usado
mail-limit-limit = Límite
mail-limit-until = Fin del período
mail-limit-client = Cliente
mail-limit-why = { $seller } te envió este correo por el uso en tu cuenta.
