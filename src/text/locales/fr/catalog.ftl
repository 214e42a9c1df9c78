# What cannot be had, or not yet: said on the pages on which customers choose.
catalog-only-on = { $item } est disponible avec { $plans }.
catalog-dropped = { $item } n’est pas disponible avec { $plan } et prend fin avec ce changement.
catalog-once-held = { $item } peut être acheté une fois que vous avez { $needs }.
catalog-available-from = { $item } est disponible à partir du { $day }.
catalog-next-step = Prochaine étape
