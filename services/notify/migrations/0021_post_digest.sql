-- `morning_mail` has taken its place.
DROP TABLE digest;
