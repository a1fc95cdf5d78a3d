-- What an election tells has a word before its term now.
UPDATE task SET arg = 'recorded ' || arg WHERE kind = 'committee.tell';
-- drop account_password.due
