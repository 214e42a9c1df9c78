# What cannot be had, or not yet: said on the pages on which customers choose.
catalog-only-on = { $item } can be had on { $plans }.
catalog-dropped = { $item } cannot be had on { $plan } and ends with this change.
catalog-once-held = { $item } can be bought once you have { $needs }.
catalog-available-from = { $item } can be had from { $day } on.
catalog-next-step = Next step
