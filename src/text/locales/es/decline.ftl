decline-generic = Tu banco no aprobó el pago.
decline-insufficient-funds = Tu banco informa de que la tarjeta no tiene saldo o límite suficiente para este importe.
decline-expired-card = La tarjeta está vencida, o la fecha de vencimiento no se escribió como figura en la tarjeta.
decline-incorrect-cvc = El código de seguridad no es el de esta tarjeta.
decline-incorrect-number = El número de la tarjeta no es correcto.
decline-not-supported = La tarjeta no admite este tipo de compra o esta moneda.
decline-processing-error = Tu banco no pudo procesar el pago en este momento. La misma tarjeta puede funcionar dentro de unos minutos.
decline-velocity = Tu banco informa de que la tarjeta alcanzó por ahora su límite de pagos.
decline-authentication-failed = El pago no se confirmó con tu banco.

decline-please-check = Comprueba, por favor:
decline-check-number = que el número de la tarjeta sea correcto
decline-check-expiry = que la fecha de vencimiento sea correcta y no haya pasado
decline-check-code = que el código de seguridad sea correcto
decline-check-online = que la tarjeta esté habilitada para compras por internet
decline-check-limit = que el saldo o el límite sea suficiente
decline-ask-the-issuer = Si todo está bien, consulta con el banco o la empresa que emitió la tarjeta.
