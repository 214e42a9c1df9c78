# What cannot be had, or not yet: said on the pages on which customers choose.
catalog-only-on = { $item } está disponível em { $plans }.
catalog-dropped = { $item } não está disponível em { $plan } e termina com esta mudança.
catalog-once-held = { $item } pode ser comprado depois que você tiver { $needs }.
catalog-available-from = { $item } fica disponível a partir de { $day }.
catalog-next-step = Próximo passo
