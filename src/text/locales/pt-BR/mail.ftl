mail-colon = :
mail-greeting = Olá,
mail-greeting-named = Olá, { $name },
mail-reference = Referência
mail-support = Dúvidas? Fale com { $seller } e informe a referência:
mail-why = { $seller } enviou este e-mail por causa de uma mudança de plano na sua conta.
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

mail-confirmed-subject = A sua mudança de plano foi concluída
mail-confirmed-text = A mudança vale a partir de agora.
mail-confirmed-plan = Plano
mail-confirmed-holding-changed = agora { $after } (antes: { $before }, { $difference })
mail-confirmed-holding-same = { $after } (sem mudança)
mail-confirmed-charged = Cobrado agora
mail-confirmed-nothing-charged = nada
mail-confirmed-recurring = A cada renovação
mail-confirmed-next-renewal = Próxima renovação
mail-confirmed-receipt = Ver o recibo

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

mail-refunded-subject = Você recebe dinheiro de volta
mail-refunded-text = Devolvemos este valor. O seu banco decide em que dia ele aparece no extrato.
mail-refunded-amount = Valor
