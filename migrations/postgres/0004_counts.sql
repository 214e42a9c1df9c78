-- What an operator counts is counted without looking at what is over.
CREATE INDEX change_open_by_stage ON change (stage_name, machine_version) WHERE open;
