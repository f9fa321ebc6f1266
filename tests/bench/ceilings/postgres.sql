-- The rows of one submission in one durable transaction, as pgbench sends it: no token, no check, no reading back.
-- (A colon before a word would be a variable of pgbench's, hence the spaces in the JSON.)
BEGIN;
INSERT INTO returns VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003', 'submitted', 1, 1) RETURNING id \gset
INSERT INTO revisions VALUES ('00000000-0000-0000-0000-000000000001', :id, 1, '00000000-0000-0000-0000-000000000002', 'full', 'Counted by the month and checked with the police.', '00000000-0000-0000-0000-000000000004', now());
INSERT INTO figures VALUES ('00000000-0000-0000-0000-000000000001', :id, 1, 0, '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000005', '2021-10-01', '2021-12-31', 'reported', '1234', FALSE);
INSERT INTO figures VALUES ('00000000-0000-0000-0000-000000000001', :id, 1, 1, '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000006', '2021-10-01', '2021-12-31', 'reported', '1234', FALSE);
INSERT INTO audit VALUES ('00000000-0000-0000-0000-000000000001', :id, now(), '00000000-0000-0000-0000-000000000004', 'create', 'return', :id, '{"cycle":"00000000-0000-0000-0000-000000000003","partnership":"00000000-0000-0000-0000-000000000002","state":"submitted","revision":1}', '00000000-0000-0000-0000-000000000007');
INSERT INTO audit_personal VALUES ('00000000-0000-0000-0000-000000000001', :id, '127.0.0.1', '{"content":{"full":{"figures":[{"indicator":"00000000-0000-0000-0000-000000000005","period":{"start":"2021-10-01","end":"2021-12-31"},"answer":{"reported":{"value":"1234"}},"provisional": false,"note": null},{"indicator":"00000000-0000-0000-0000-000000000006","period":{"start":"2021-10-01","end":"2021-12-31"},"answer":{"reported":{"value":"1234"}},"provisional": false,"note": null}]}},"remark":"Counted by the month and checked with the police."}');
INSERT INTO requests VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000004', :id, '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', :id, now());
COMMIT;
