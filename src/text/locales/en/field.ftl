# What a form field is called.
field-name-city = Town
field-name-country = Country
field-name-fiscal-email = Mail address for invoices
field-name-legal-name = Registered name
field-name-line1 = Street and number
field-name-line2 = Further address line
field-name-postal-code = Postal code
field-name-state = State or province
field-name-tax-id = Tax number

# What is wrong with one, by the code of the mistake.
field-missing = { $field }: please fill this in.
field-too-long = { $field }: this is too long.
field-form = { $field }: this does not have the right form.
field-tax-id-length = { $field }: there are too many or too few characters.
field-tax-id-characters = { $field }: there is a character that does not belong there.
field-tax-id-check-digits = { $field }: the check digit does not fit. Most often one digit is mistyped.
field-tax-id-repeated = { $field }: nobody has this number.
field-tax-id-not-accepted = { $field }: this kind of number is not accepted here for this country.
