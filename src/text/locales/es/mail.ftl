mail-colon = :
mail-greeting = Hola:
mail-greeting-named = Hola, { $name }:
mail-reference = Referencia
mail-support = ¿Dudas? Escribe a { $seller } e indica la referencia:
mail-support-account = ¿Dudas? Escribe a { $seller }:
mail-why = { $seller } te envió este correo por un cambio de plan en tu cuenta.
mail-why-account = { $seller } te envió este correo por tu cuenta.
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
mail-authentication-deadline = Confírmalo a más tardar el
mail-authentication-action = Confirmar con el banco

mail-declined-subject = El pago no fue aprobado
mail-declined-text = No se cobró nada, y tu plan queda como está.
mail-declined-amount = Importe que no se cobró
mail-declined-action = Elegir otra tarjeta

mail-boleto-subject = Tu boleto está listo
mail-boleto-again-subject = Tu boleto sigue pendiente
mail-boleto-text = Tu plan cambia cuando se pague este boleto. Hasta entonces queda como está.
mail-boleto-code = Línea para escribir o copiar
mail-boleto-action = Abrir el boleto
mail-pix-subject = Tu código Pix está listo
mail-pix-again-subject = Tu código Pix sigue pendiente
mail-pix-text = Tu plan cambia cuando se pague este Pix. Hasta entonces queda como está.
mail-pix-code = Código Pix para copiar
mail-pix-action = Abrir el código QR
mail-voucher-amount = Importe
mail-voucher-until = Paga a más tardar el

mail-confirmed-subject = Tu cambio de plan está hecho
mail-confirmed-text = El cambio rige desde ahora.
mail-confirmed-plan = Plan
mail-confirmed-holding-changed = ahora { $after } (antes: { $before }, { $difference })
mail-confirmed-holding-same = { $after } (sin cambios)
mail-confirmed-charged = Cobrado ahora
mail-confirmed-nothing-charged = nada
mail-renewal-amount = En cada renovación
mail-renewal-day = Próxima renovación
mail-confirmed-receipt = Ver el recibo
mail-confirmed-contract = Contrato
mail-confirmed-next-steps = Qué hacer ahora:

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
mail-ticket-applied-subject = Tu solicitud { $ticket } está hecha
mail-ticket-applied-text = El soporte de { $seller } cambió tu plan como pediste. Esto es lo que tienes ahora.
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

mail-scheduled-subject = Tu cambio de plan está programado
mail-scheduled-text = Tu plan cambia el día que aparece abajo. Hasta entonces queda como está.
mail-scheduled-day = Rige a partir del

mail-changed-subject = Tu plan fue modificado
mail-changed-by-support-text = El soporte de { $seller } modificó tu plan. Esto es lo que tienes ahora.
mail-changed-by-agency-text = { $agency } modificó tu plan. Esto es lo que tienes ahora.
mail-changed-elsewhere-text = Tu plan fue modificado, pero no desde su página de planes. Esto es lo que tienes ahora. Si no lo esperabas, escribe a soporte.

mail-ending-subject = Tu contrato va a terminar
mail-ending-text = Tu contrato termina el día que aparece abajo. Hasta entonces conservas todo lo que tienes; después ya no se cobra nada.
mail-ending-day = Termina el
mail-continues-subject = Tu contrato continúa
mail-continues-text = Tu contrato finalmente no termina. Se renueva como antes.
mail-ended-subject = Tu contrato terminó
mail-ended-text = Tu contrato terminó, y ya no se cobra nada por él.
mail-ended-day = Terminó el
mail-past-due-subject = Tu última factura no está pagada
mail-past-due-text = No pudimos cobrar tu última factura. Págala para conservar tu plan. Hasta entonces no se puede cambiar.
mail-past-due-amount = Importe pendiente
mail-past-due-since = Pendiente desde el
mail-past-due-action = Pagar la factura

mail-card-added-subject = Se agregó una tarjeta
mail-card-added-text = Esta tarjeta se agregó a tu cuenta. Si no lo esperabas, escribe a soporte.
mail-card-removed-subject = Se quitó una tarjeta
mail-card-removed-text = Esta tarjeta se quitó de tu cuenta. Si no lo esperabas, escribe a soporte.
mail-card-renewals-subject = Otra tarjeta paga tus renovaciones
mail-card-renewals-text = A partir de la próxima renovación se cobra en esta tarjeta. Si no lo esperabas, escribe a soporte.
mail-card-card = Tarjeta
mail-card-ending = { $brand } terminada en { $digits }
mail-card-expiry = Vencimiento


mail-payer-subject = { $agency } pregunta si tu tarjeta puede pagar
mail-payer-text = { $agency } quisiera que tu propia tarjeta pague los servicios de tu cuenta. No se cobra nada hasta que aceptes.
mail-payer-until = Responde a más tardar el
mail-payer-action = Revisar y responder

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
mail-credited-text = Este pago no se puede devolver por donde vino. Anotamos el importe en tu saldo, y con él se pagan tus próximas facturas.
