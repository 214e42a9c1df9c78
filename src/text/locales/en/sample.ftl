# Sample products: the page itself
sample-title = Sample product
sample-ribbon = This is a sample of { $product }.
sample-ribbon-text = It stands in for the real product: companies, prices and money are invented.
sample-nav = Menus of the product
sample-plan = Plan
sample-none = No contract yet
sample-none-text = Compare the plans, choose one, and come back: what it allows then stands here.
sample-no-extras = Nothing beyond the plan itself yet.
sample-agency-text = An agency holds nothing itself: it manages its clients, and decides for each of them who pays.
sample-held = What you can use now
sample-fresh = Read anew with every request: what is paid for is here at once.
sample-bought = { $bought } bought, { $included } included
sample-used = { $used } used
sample-used-of = { $used } of { $limit } used
sample-over = over the limit
sample-last-change = Last change
sample-change-open = in progress
sample-change-active = active
sample-change-over = given up

# Its menus
sample-menu = Menu
sample-account = Account
sample-change-plan = Change plan
sample-cards = Cards
sample-invoices = Invoices
sample-settings = Settings
sample-plans-contracts = Plans and contracts
sample-view = View
sample-finances = Finances
sample-compare = Compare plans
sample-contract = Contract
sample-billing-upgrade = Billing and upgrade
sample-user-settings = User settings
sample-agency-tools = Agency tools
sample-manage-clients = Manage clients
sample-billing = Plan and billing
sample-usage = Usage and limits

# Behind the scenes of it
sample-backstage = Behind the scenes
sample-backstage-text = This column is not part of the product. Here you choose who you are, and play what happens elsewhere.
sample-who = Customer
sample-as = Act as
sample-try = Try this
sample-outside = What happens elsewhere
sample-issue-nota = Issue the nota fiscal
sample-report-use = Report use
sample-mailbox = Mailbox: the mails that were sent
sample-bank = Bank and payment provider (sandbox)
sample-all = All samples
sample-said-nota = The nota fiscal was issued, and is on its way by mail.
sample-said-no-change = There is no finished change yet that a nota fiscal could be for.
sample-said-counted = The use was counted.
sample-said-stopped = That would go beyond the limit: it was not counted.
sample-said-refused = That could not be counted.
sample-nota-title = Nota fiscal
sample-nota-text = An invented document: it stands in for the one that the seller’s tax system issues.

# Who one can be
sample-who-clint-growth = Padaria Luz: Growth, with extras
sample-who-clint-start = Ateliê Sol: Start, no extras yet
sample-who-clint-yearly = Oficina Serra: Growth, paid by the year
sample-who-zenvia-settled = Tienda Andes: a customer for months
sample-who-zenvia-young = Clínica Vida Nova: for twelve days
sample-who-zenvia-new = Café do Porto: no contract yet
sample-who-activecampaign-plus = Atelier Lumière: Plus, by the month
sample-who-activecampaign-starter = Fleurs de Loire: Starter, no SMS
sample-who-activecampaign-yearly = Librairie du Canal: Plus, by the year
sample-who-sharpspring-agency = Agência Mar: the agency
sample-who-sharpspring-bakery = Padaria Luz: a client of Agência Mar
sample-who-sharpspring-bookshop = Livraria Rio: another client of it

# What to try
sample-try-clint = Open Menu, Account, Change plan. Edit the plan that is held, add two devices and three users, pay, and come back: the numbers have changed. Then act as an administrator: only the owner may.
sample-try-zenvia = Open Settings, Plans and contracts, View, and change plan and package. Pay by boleto, and pay that at the bank. Or begin as the new customer: compare, choose, contract.
sample-try-activecampaign = Open the menu with the account’s name, Billing and upgrade. Move the contact limit, add a seat, complete the offer, or buy the SMS add-on. To have less, get in touch there.
sample-try-sharpspring = As the agency, open User settings, Settings, Agency tools, Manage clients. Settle who pays for a client, switch a service on, and enter a limit. Then look at it as that client.
