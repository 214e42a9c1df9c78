# What cannot be had, or not yet: said on the pages on which customers choose.
catalog-only-on = { $item } está disponible en { $plans }.
catalog-dropped = { $item } no está disponible en { $plan } y termina con este cambio.
catalog-once-held = { $item } se puede comprar cuando usted tenga { $needs }.
catalog-available-from = { $item } está disponible a partir del { $day }.
catalog-next-step = Siguiente paso
