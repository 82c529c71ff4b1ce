/** Goes into every pack, for whoever opens it years later. Whoever changes a word here raises `REPORT_VERSION`. */
export const VERIFY_GUIDE = `# How to verify this pack

    halligan verify THIS-FILE.zip --trust log.pub --roster "the thirteen genesis words"

It needs no network and no configuration. One line a claim:

- PASS (cryptographic): it follows from the bytes alone
- PASS (signed by X): X's key signed it
- ASSERTED (by the server | by X): somebody's word
- NOT PROVEN: nothing here shows it
- FAIL: something was altered, or does not follow the rules

Exit code 0: nothing failed. 5: something did. --strict: what is not proven fails too.

Without --trust and --roster the keys come from the pack itself: then it shows that the record is consistent, not whose
it is. Ask the organisation for both, by another way than the pack.

Files of more than 8 MiB are not in the pack: they travel beside it, each named by the SHA-256 that was signed for.
Give the folder with --files FOLDER, or compare them with sha256sum. Before its content such a file has a line
halligan/attachment/v1, 32 bytes of salt and a line with its media type.

## By hand

The pack is a ZIP file; manifest.json lists the SHA-256 of every file. transcript.json holds entries of the
organisation's log (base64), each with an RFC 6962 inclusion proof to the signed checkpoint (C2SP tlog-checkpoint). An
entry holds the input, with its statements, and the events that followed. Each statement's signature is an OpenSSH
signature (ssh-keygen -Y verify, namespace halligan/statement/v1/<kind>) over the statement's canonical JSON (RFC 8785).
seen.json proves that the checkpoints which the statements quote are beginnings of this log (RFC 9162, 2.1.4).
attachments/ holds what the statements name by salted digest; seals/ the public part of each sealed version.
signature.note is the server's own signature over all of it. report.html,
record.txt and report.pdf are for reading, and say the same; the proof is in the rest.
`;
