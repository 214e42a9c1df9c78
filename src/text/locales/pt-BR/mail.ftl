mail-colon = :
mail-greeting = Olá,
mail-greeting-named = Olá, { $name },
mail-reference = Referência
mail-support = Dúvidas? Fale com { $seller } e informe a referência:
mail-support-account = Dúvidas? Fale com { $seller }:
mail-why = { $seller } enviou este e-mail por causa de uma mudança de plano na sua conta.
mail-why-account = { $seller } enviou este e-mail por causa da sua conta.
mail-go-on-in-the-product = Para continuar, abra a página de planos de { $seller }.

mail-quote-subject = O seu orçamento está pronto
mail-quote-text = A mudança de plano que você preparou espera a sua confirmação. Nada é cobrado até você confirmar.
mail-quote-due-today = A pagar hoje
mail-quote-holds-until = O orçamento vale até
mail-quote-action = Conferir e confirmar

mail-reminder-subject = A sua mudança de plano espera por você
mail-reminder-text = A sua mudança de plano não foi concluída e espera o próximo passo. Se você não fizer nada, ela termina sozinha e o seu plano fica como está.
mail-reminder-deadline = Aberta até
mail-reminder-action = Continuar

mail-authentication-subject = Confirme o pagamento com o seu banco
mail-authentication-text = O seu banco pede que você confirme este pagamento. Até lá, o seu plano fica como está.
mail-authentication-amount = Valor
mail-authentication-deadline = Confirme até
mail-authentication-action = Confirmar com o banco

mail-declined-subject = O pagamento não foi aprovado
mail-declined-text = Nada foi cobrado, e o seu plano fica como está.
mail-declined-amount = Valor que não foi cobrado
mail-declined-action = Escolher outro cartão

mail-boleto-subject = O seu boleto está pronto
mail-boleto-again-subject = O seu boleto ainda está em aberto
mail-boleto-text = O seu plano muda quando este boleto for pago. Até lá, ele fica como está.
mail-boleto-code = Linha digitável
mail-boleto-action = Abrir o boleto
mail-pix-subject = O seu código Pix está pronto
mail-pix-again-subject = O seu Pix ainda está em aberto
mail-pix-text = O seu plano muda quando este Pix for pago. Até lá, ele fica como está.
mail-pix-code = Pix copia e cola
mail-pix-action = Abrir o QR code
mail-voucher-amount = Valor
mail-voucher-until = Pague até

mail-confirmed-subject = A sua mudança de plano foi concluída
mail-confirmed-text = A mudança vale a partir de agora.
mail-confirmed-plan = Plano
mail-confirmed-holding-changed = agora { $after } (antes: { $before }, { $difference })
mail-confirmed-holding-same = { $after } (sem mudança)
mail-confirmed-charged = Cobrado agora
mail-confirmed-nothing-charged = nada
mail-renewal-amount = A cada renovação
mail-renewal-day = Próxima renovação
mail-confirmed-receipt = Ver o recibo
mail-confirmed-contract = Contrato
mail-confirmed-next-steps = O que fazer agora:

mail-nota-fiscal-subject = A sua nota fiscal { $number }
mail-nota-fiscal-text = A nota fiscal do seu plano foi emitida.
mail-nota-fiscal-number = Número
mail-nota-fiscal-amount = Valor
mail-nota-fiscal-action = Abrir a nota fiscal

mail-ticket-subject = Recebemos o seu pedido { $ticket }
mail-ticket-text = O suporte de { $seller } vai analisar o pedido e responder por e-mail. Até lá, o seu plano e o preço ficam como estão.
mail-ticket-number = Pedido
mail-ticket-scheduled-subject = O seu pedido { $ticket } está agendado
mail-ticket-scheduled-text = O suporte de { $seller } vai reduzir o seu plano no dia abaixo. Até lá ele fica como está, e você pode desistir do pedido.
mail-ticket-scheduled-day = Vale a partir de
mail-ticket-applied-subject = O seu pedido { $ticket } foi atendido
mail-ticket-applied-text = O suporte de { $seller } mudou o seu plano como você pediu. Isto é o que você tem agora.
mail-ticket-declined-subject = Resposta ao seu pedido { $ticket }
mail-ticket-declined-text = O suporte de { $seller } não pôde atender ao seu pedido. O seu plano e o preço ficam como estão.
mail-ticket-declined-why = Motivo
mail-ticket-held-subject = O pedido { $ticket } é seu?
mail-ticket-held-text = O suporte de { $seller } recebeu um pedido para reduzir o seu plano, vindo de um endereço que não é o seu. Nada foi alterado. Se o pedido for seu, responda a partir do seu próprio endereço; se não for, não é preciso fazer nada.
mail-ticket-replaced-subject = O seu pedido { $ticket } deixou de valer
mail-ticket-replaced-text = O seu plano em { $seller } mudou depois que este pedido foi agendado, e por isso ele não será executado. Se ainda quiser reduzir, faça um novo pedido.
mail-ticket-fell-subject = O seu pedido { $ticket } não pôde ser executado
mail-ticket-fell-text = Algo impede a execução do seu pedido agendado. O suporte de { $seller } está analisando e vai responder por e-mail. Até lá, o seu plano fica como está.
mail-ticket-answered-subject = Resposta ao seu pedido { $ticket }
mail-ticket-answered-text = O suporte de { $seller } escreve:

mail-expired-subject = A sua mudança de plano terminou
mail-expired-text = A mudança de plano não foi concluída a tempo e terminou. Nada foi cobrado, e o seu plano fica como está. Você pode começar de novo quando quiser.
mail-cancelled-subject = A sua mudança de plano foi cancelada
mail-cancelled-text = A mudança de plano foi cancelada. Nada foi cobrado, e o seu plano fica como está.

mail-scheduled-subject = A sua mudança de plano está agendada
mail-scheduled-text = O seu plano muda no dia abaixo. Até lá, ele fica como está.
mail-scheduled-day = Vale a partir de

mail-changed-subject = O seu plano foi alterado
mail-changed-by-support-text = O suporte de { $seller } alterou o seu plano. Isto é o que você tem agora.
mail-changed-by-agency-text = { $agency } alterou o seu plano. Isto é o que você tem agora.
mail-changed-elsewhere-text = O seu plano foi alterado, mas não pela página de planos. Isto é o que você tem agora. Se você não esperava por isso, fale com o suporte.

mail-ending-subject = O seu contrato vai terminar
mail-ending-text = O seu contrato termina no dia abaixo. Até lá, você continua com tudo o que tem; depois, nada mais é cobrado.
mail-ending-day = Termina em
mail-continues-subject = O seu contrato continua
mail-continues-text = O seu contrato não vai mais terminar. Ele se renova como antes.
mail-ended-subject = O seu contrato terminou
mail-ended-text = O seu contrato terminou, e nada mais é cobrado por ele.
mail-ended-day = Terminou em
mail-past-due-subject = A sua última fatura não foi paga
mail-past-due-text = Não conseguimos cobrar a sua última fatura. Pague-a para continuar com o seu plano. Até lá, ele não pode ser mudado.
mail-past-due-amount = Valor em aberto
mail-past-due-since = Em aberto desde
mail-past-due-action = Pagar a fatura

mail-card-added-subject = Um cartão foi adicionado
mail-card-added-text = Este cartão foi adicionado à sua conta. Se você não esperava por isso, fale com o suporte.
mail-card-removed-subject = Um cartão foi removido
mail-card-removed-text = Este cartão foi removido da sua conta. Se você não esperava por isso, fale com o suporte.
mail-card-renewals-subject = Outro cartão paga as suas renovações
mail-card-renewals-text = A partir da próxima renovação, a cobrança é feita neste cartão. Se você não esperava por isso, fale com o suporte.
mail-card-card = Cartão
mail-card-ending = { $brand } com final { $digits }
mail-card-expiry = Validade


mail-payer-subject = { $agency } pergunta se o seu cartão pode pagar
mail-payer-text = { $agency } gostaria que o seu próprio cartão pagasse os serviços da sua conta. Nada é cobrado até você concordar.
mail-payer-until = Responda até
mail-payer-action = Conferir e responder

mail-refunded-subject = Você recebe dinheiro de volta
mail-refunded-text = Devolvemos este valor. O seu banco decide em que dia ele aparece no extrato.
mail-refunded-amount = Valor

# Um limite está perto ou foi atingido
mail-limit-near-subject = { $percent } % do limite já usados: { $what }
mail-limit-reached-subject = Limite atingido: { $what }
mail-limit-near-charged = Depois do limite você pode continuar usando; o que passar dele é cobrado na próxima fatura. Seu plano continua como está.
mail-limit-reached-charged = Você pode continuar usando; o que passar do limite é cobrado na próxima fatura. Seu plano continua como está.
mail-limit-near-stops = Ao chegar ao limite, não é possível usar mais até o fim do período. Seu plano continua como está.
mail-limit-reached-stops = Não é possível usar mais até o fim do período. Seu plano continua como está.
mail-limit-goes-on = Você pode continuar usando; nada a mais é cobrado. Seu plano continua como está.
mail-limit-used = Usado
mail-limit-limit = Limite
mail-limit-until = Fim do período
mail-limit-client = Cliente
mail-limit-why = { $seller } enviou este e-mail por causa do uso na sua conta.
mail-credited-text = Este pagamento não pode voltar pelo caminho por onde veio. Lançamos o valor no seu saldo, e ele paga as suas próximas faturas.
