mail-colon = :
mail-greeting = Hola:
mail-greeting-named = Hola, { $name }:
mail-reference = Referencia
mail-support = ¿Dudas? Escriba a { $seller } e indique la referencia:
mail-support-account = ¿Dudas? Escriba a { $seller }:
mail-why = { $seller } le envió este correo por un cambio de plan en su cuenta.
mail-why-account = { $seller } le envió este correo en relación con su cuenta.
mail-go-on-in-the-product = Para continuar, abra la página de planes de { $seller }.

mail-quote-subject = Su presupuesto está listo
mail-quote-text = El cambio de plan que usted preparó espera su confirmación. No se cobra nada hasta que usted confirme.
mail-quote-due-today = A pagar hoy
mail-quote-holds-until = El presupuesto es válido hasta
mail-quote-action = Revisar y confirmar

mail-reminder-subject = Su cambio de plan sigue pendiente
mail-reminder-text = Su cambio de plan no está terminado y espera el siguiente paso. Si usted no hace nada, el cambio se cierra solo y su plan queda como está.
mail-reminder-deadline = Abierto hasta
mail-reminder-action = Continuar

mail-authentication-subject = Confirme el pago con su banco
mail-authentication-text = Su banco le pide que confirme este pago. Hasta entonces, su plan queda como está.
mail-authentication-amount = Importe
mail-authentication-deadline = Confírmelo a más tardar el
mail-authentication-action = Confirmar con el banco

mail-declined-subject = El pago no fue aprobado
mail-declined-text = No se cobró nada, y su plan queda como está.
mail-declined-amount = Importe que no se cobró
mail-declined-action = Elegir otra tarjeta

mail-boleto-subject = Su boleto está listo
mail-boleto-again-subject = Su boleto sigue pendiente
mail-boleto-text = Su plan cambia cuando se pague este boleto. Hasta entonces queda como está.
mail-boleto-code = Línea para escribir o copiar
mail-boleto-action = Abrir el boleto
mail-pix-subject = Su código Pix está listo
mail-pix-again-subject = Su código Pix sigue pendiente
mail-pix-text = Su plan cambia cuando se pague este Pix. Hasta entonces queda como está.
mail-pix-code = Código Pix para copiar
mail-pix-action = Abrir el código QR
mail-voucher-amount = Importe
mail-voucher-until = Pague a más tardar el

mail-confirmed-subject = Su cambio de plan está hecho
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

mail-nota-fiscal-subject = Su nota fiscal { $number }
mail-nota-fiscal-text = Se emitió la nota fiscal de su plan.
mail-nota-fiscal-number = Número
mail-nota-fiscal-amount = Importe
mail-nota-fiscal-action = Abrir la nota fiscal

mail-ticket-subject = Recibimos su solicitud { $ticket }
mail-ticket-text = El soporte de { $seller } la revisará y responderá por correo. Hasta entonces, su plan y el precio quedan como están.
mail-ticket-number = Solicitud
mail-ticket-scheduled-subject = Su solicitud { $ticket } está programada
mail-ticket-scheduled-text = El soporte de { $seller } reducirá su plan el día que aparece abajo. Hasta entonces queda como está, y usted puede retirar la solicitud.
mail-ticket-scheduled-day = Rige a partir del
mail-ticket-applied-subject = Su solicitud { $ticket } está hecha
mail-ticket-applied-text = El soporte de { $seller } cambió su plan como usted pidió. Esto es lo que usted tiene ahora.
mail-ticket-declined-subject = Respuesta a su solicitud { $ticket }
mail-ticket-declined-text = El soporte de { $seller } no pudo atender su solicitud. Su plan y el precio quedan como están.
mail-ticket-declined-why = Motivo
mail-ticket-held-subject = ¿Hizo usted la solicitud { $ticket }?
mail-ticket-held-text = El soporte de { $seller } recibió una solicitud para reducir su plan, enviada desde una dirección que no es la de usted. No se ha cambiado nada. Si la hizo usted, responda desde su propia dirección; si no, no tiene que hacer nada.
mail-ticket-replaced-subject = Su solicitud { $ticket } ya no vale
mail-ticket-replaced-text = Su plan en { $seller } ha cambiado desde que se programó esta solicitud, así que no se llevará a cabo. Si todavía quiere menos, vuelva a pedirlo.
mail-ticket-fell-subject = No se pudo llevar a cabo su solicitud { $ticket }
mail-ticket-fell-text = Algo impide su solicitud programada. El soporte de { $seller } lo está revisando y responderá por correo. Hasta entonces, su plan queda como está.
mail-ticket-answered-subject = Respuesta a su solicitud { $ticket }
mail-ticket-answered-text = El soporte de { $seller } escribe:

mail-expired-subject = Su cambio de plan se cerró
mail-expired-text = El cambio de plan no se terminó a tiempo y se cerró. No se cobró nada, y su plan queda como está. Puede empezar de nuevo cuando quiera.
mail-cancelled-subject = Su cambio de plan fue cancelado
mail-cancelled-text = El cambio de plan fue cancelado. No se cobró nada, y su plan queda como está.

mail-scheduled-subject = Su cambio de plan está programado
mail-scheduled-text = Su plan cambia el día que aparece abajo. Hasta entonces queda como está.
mail-scheduled-day = Rige a partir del

mail-changed-subject = Su plan fue modificado
mail-changed-by-support-text = Su plan fue modificado por el soporte de { $seller }. Esto es lo que usted tiene ahora.
mail-changed-by-agency-text = Su plan fue modificado por { $agency }. Esto es lo que usted tiene ahora.
mail-changed-elsewhere-text = Su plan fue modificado, pero no desde la página de planes. Esto es lo que usted tiene ahora. Si no lo esperaba, escriba a soporte.

mail-ending-subject = Su contrato va a terminar
mail-ending-text = Su contrato termina el día que aparece abajo. Hasta entonces usted conserva todo lo que tiene; después ya no se cobra nada.
mail-ending-day = Termina el
mail-continues-subject = Su contrato continúa
mail-continues-text = Su contrato finalmente no termina. Se renueva como antes.
mail-ended-subject = Su contrato terminó
mail-ended-text = Su contrato terminó, y ya no se cobra nada por él.
mail-ended-day = Terminó el
mail-past-due-subject = Su última factura no está pagada
mail-past-due-text = No pudimos cobrar su última factura. Páguela para conservar su plan. Hasta entonces no se puede cambiar.
mail-past-due-amount = Importe pendiente
mail-past-due-since = Pendiente desde el
mail-past-due-action = Pagar la factura

mail-card-added-subject = Se agregó una tarjeta
mail-card-added-text = Esta tarjeta se agregó a su cuenta. Si no lo esperaba, escriba a soporte.
mail-card-removed-subject = Se quitó una tarjeta
mail-card-removed-text = Esta tarjeta se quitó de su cuenta. Si no lo esperaba, escriba a soporte.
mail-card-renewals-subject = Otra tarjeta paga sus renovaciones
mail-card-renewals-text = A partir de la próxima renovación se cobra en esta tarjeta. Si no lo esperaba, escriba a soporte.
mail-card-card = Tarjeta
mail-card-ending = { $brand } terminada en { $digits }
mail-card-expiry = Vencimiento


mail-payer-subject = { $agency } le pregunta si acepta pagar con su tarjeta
mail-payer-text = { $agency } quisiera que usted pague con su propia tarjeta los servicios de su cuenta. No se cobra nada hasta que usted acepte.
mail-payer-until = Responda a más tardar el
mail-payer-action = Revisar y responder

mail-refunded-subject = Le devolvemos dinero
mail-refunded-text = Le devolvimos este importe. Su banco decide qué día aparece en el extracto.
mail-refunded-amount = Importe

mail-limit-near-subject = Ya se usó el { $percent } % del límite: { $what }
mail-limit-reached-subject = Límite alcanzado: { $what }
mail-limit-near-charged = Después del límite usted puede seguir usando; lo que lo supere se cobra en la próxima factura. Su plan queda como está.
mail-limit-reached-charged = Usted puede seguir usando; lo que supere el límite se cobra en la próxima factura. Su plan queda como está.
mail-limit-near-stops = Al llegar al límite no se puede usar más hasta que termine el período. Su plan queda como está.
mail-limit-reached-stops = No se puede usar más hasta que termine el período. Su plan queda como está.
mail-limit-goes-on = Usted puede seguir usando; no se cobra nada más. Su plan queda como está.
mail-limit-used = Usado
mail-limit-limit = Límite
mail-limit-until = Fin del período
mail-limit-client = Cliente
mail-limit-why = { $seller } le envió este correo por el uso en su cuenta.
mail-credited-text = Este pago no se puede devolver por donde vino. Anotamos el importe en su saldo, y con él se pagan sus próximas facturas.
