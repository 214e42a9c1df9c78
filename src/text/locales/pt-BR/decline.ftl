decline-generic = O seu banco não aprovou o pagamento.
decline-insufficient-funds = O seu banco informa que o cartão não tem saldo ou limite suficiente para este valor.
decline-expired-card = O cartão está vencido, ou a validade não foi digitada como está no cartão.
decline-incorrect-cvc = O código de segurança não é o deste cartão.
decline-incorrect-number = O número do cartão não está correto.
decline-not-supported = O cartão não aceita este tipo de compra ou esta moeda.
decline-processing-error = O seu banco não conseguiu processar o pagamento agora. O mesmo cartão pode funcionar em alguns minutos.
decline-velocity = O seu banco informa que o cartão atingiu o limite de pagamentos por enquanto.
decline-authentication-failed = O pagamento não foi confirmado com o seu banco.

decline-please-check = Confira, por favor:
decline-check-number = se o número do cartão está correto
decline-check-expiry = se a validade está correta e não passou
decline-check-code = se o código de segurança está correto
decline-check-online = se o cartão está habilitado para compras on-line
decline-check-limit = se o saldo ou o limite é suficiente
decline-ask-the-issuer = Se tudo estiver certo, fale com o banco ou a empresa que emitiu o cartão.
