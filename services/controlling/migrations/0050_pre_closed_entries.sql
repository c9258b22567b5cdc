-- Figures on pages read a closed period's row, and with it how many entries its register had then.
GRANT SELECT (closed_entries) ON period TO gleichfall_workbench;
