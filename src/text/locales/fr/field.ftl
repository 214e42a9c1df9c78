field-name-city = Ville
field-name-country = Pays
field-name-fiscal-email = E-mail de facturation
field-name-legal-name = Raison sociale ou nom
field-name-line1 = Rue et numéro
field-name-line2 = Complément d’adresse
field-name-postal-code = Code postal
field-name-state = État ou région
field-name-tax-id = Numéro fiscal

field-missing = { $field } : merci de remplir ce champ.
field-too-long = { $field } : c’est trop long.
field-form = { $field } : le format n’est pas correct.
field-tax-id-length = { $field } : il y a trop ou trop peu de caractères.
field-tax-id-characters = { $field } : un caractère n’a pas sa place dans ce numéro.
field-tax-id-check-digits = { $field } : la clé de contrôle ne correspond pas. Le plus souvent, un chiffre est mal saisi.
field-tax-id-repeated = { $field } : personne n’a ce numéro.
field-tax-id-not-accepted = { $field } : ce type de numéro n’est pas accepté ici pour ce pays.
