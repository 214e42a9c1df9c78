field-name-city = Cidade
field-name-country = País
field-name-fiscal-email = E-mail fiscal
field-name-legal-name = Razão social ou nome
field-name-line1 = Rua e número
field-name-line2 = Complemento
field-name-postal-code = CEP ou código postal
field-name-state = Estado
field-name-tax-id = CNPJ, CPF ou número fiscal

field-missing = { $field }: preencha este campo.
field-too-long = { $field }: está longo demais.
field-form = { $field }: não está no formato certo.
field-tax-id-length = { $field }: há caracteres a mais ou a menos.
field-tax-id-characters = { $field }: há um caractere que não faz parte do número.
field-tax-id-check-digits = { $field }: o dígito verificador não confere. Em geral, um dígito foi digitado errado.
field-tax-id-repeated = { $field }: ninguém tem este número.
field-tax-id-not-accepted = { $field }: este tipo de número não é aceito aqui para este país.
