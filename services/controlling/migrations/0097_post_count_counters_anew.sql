-- An emergency counter has opened when that is told on its own day; slots that were told ahead opened it before. Its days
-- are counted anew, from what is kept of them.
UPDATE service_fact SET counted = false WHERE part = 'emergency-counter';
