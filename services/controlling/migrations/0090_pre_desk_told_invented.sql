-- The desk says on its pages that data are invented, which simulated periods tell.
GRANT SELECT (key, first_day, simulated) ON period TO gleichfall_desk;
