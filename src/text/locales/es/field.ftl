field-name-city = Ciudad
field-name-country = País
field-name-fiscal-email = Correo para facturas
field-name-legal-name = Razón social o nombre
field-name-line1 = Calle y número
field-name-line2 = Más datos de la dirección
field-name-postal-code = Código postal
field-name-state = Estado o provincia
field-name-tax-id = Número fiscal

field-missing = { $field }: complete este campo.
field-too-long = { $field }: es demasiado largo.
field-form = { $field }: no tiene el formato correcto.
field-tax-id-length = { $field }: sobran o faltan caracteres.
field-tax-id-characters = { $field }: hay un carácter que no forma parte del número.
field-tax-id-check-digits = { $field }: el dígito de control no coincide. Casi siempre hay una cifra mal escrita.
field-tax-id-repeated = { $field }: nadie tiene este número.
field-tax-id-not-accepted = { $field }: aquí no se acepta este tipo de número para este país.
