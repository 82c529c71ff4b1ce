CREATE TABLE entries (entry INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE reserve (zeros BLOB NOT NULL) STRICT;
PRAGMA application_id = 1214344300;
PRAGMA user_version = 1;
INSERT INTO entries VALUES (0, CAST('{"events":[{"mark":0,"type":"marked"}],"input":{"kind":"test","mark":0},"v":"halligan/group/v1"}' AS BLOB));
INSERT INTO entries VALUES (1, CAST('{"events":[{"mark":1,"type":"marked"}],"input":{"kind":"test","mark":1},"v":"halligan/group/v1"}' AS BLOB));
INSERT INTO entries VALUES (2, CAST('{"events":[{"mark":2,"type":"marked"}],"input":{"kind":"test","mark":2},"v":"halligan/group/v1"}' AS BLOB));
INSERT INTO entries VALUES (3, CAST('{"events":[{"mark":3,"type":"marked"}],"input":{"kind":"test","mark":3},"v":"halligan/group/v1"}' AS BLOB));
INSERT INTO entries VALUES (4, CAST('{"events":[{"mark":4,"type":"marked"}],"input":{"kind":"test","mark":4},"v":"halligan/group/v1"}' AS BLOB));
INSERT INTO entries VALUES (5, CAST('{"events":[{"mark":5,"type":"marked"}],"input":{"kind":"test","mark":5},"v":"halligan/group/v1"}' AS BLOB));
INSERT INTO checkpoints VALUES (0, 'log.example
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

— log.example 6wo3blRWkEGPltQPEbe4so6r1n6kt1ewSq0M1UGNFi7WSY3hSuP1iN3tVKWprGFN4wZGoef51uBMcmeF+RNu8CDhuws=
');
INSERT INTO checkpoints VALUES (1, 'log.example
1
eBck2ervZ7oGAwUqJes/9s04hEeVX7toXoTUAHFKFMg=

— log.example 6wo3bitNmPI1GTqkhBHRuv3nkXa69ntgmKnjqcq0NvuCq33ruyoyWIUAej7FJhWseZfmNJTfj3K/vBLjZz8bSZxx5Q4=
');
INSERT INTO checkpoints VALUES (2, 'log.example
2
ldPtLa15JLkehXRMPeVCAIko0lk9ztleTwY/4w7HHIo=

— log.example 6wo3brJ9ZDLR3khL2hAZnznNH0VylC8pnnVlGKfY5ouXdUrDmebS5E3TRaS3WR9RR7uT/wrUiunzP/OX+pyXvNiHogA=
');
INSERT INTO checkpoints VALUES (5, 'log.example
5
NhYz+lyZeBzrD/mwdrS3P8Aq6FlK4lCZdIWiNwy4opY=

— log.example 6wo3br/tDpkepr+a0ijYVHmD3URKy67WjosMQF0M/Bul2k+WqQOs0XHp2vuJNYUyAKUHRwQOrjr1FmhwfgNhoqzDdAU=
');
INSERT INTO checkpoints VALUES (6, 'log.example
6
3qwJ7qd/2WNGvna73Y3xKSiMZrjSgXjspixn7CmNeNw=

— log.example 6wo3bph5v++1o7dUOaoJuEZFr+gjCJ1QqjptjDB457AuRBmNw7FnUfCQ1gkCIFJJE6GB3jz+rt+pNT1541YCHk4ugQc=
');
