/*
 * A program that signs somebody in through PAM, and whose conversation does what it is told.
 *
 * caller sign-in SERVICE USER PASSWORD HOW ANSWER [CONFDIR]
 *	gives PASSWORD to the first question and ANSWER to others in the way of HOW (a letter of answers[]); prints what PAM
 *	returns. HOW in upper case does so at the first question already.
 * caller fuzz CONFDIR SOCKET SEED COUNT
 *	is its own agent at SOCKET, which sends what a seeded generator makes; ends with 1 where PAM lets in although no whole
 *	"in" came, or does not although it did. CONFDIR holds a service "fuzz" of the module alone.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <security/pam_appl.h>

#define LONGEST 4096
#define MOST (3 * (LONGEST + 3))

/* Answers, fails, cannot now, gives nothing, gives no text. */
static const char answers[] = "yfant";

struct script {
	const char *password, *answer;
	int how;
	int is_from_first;
	int asked;
};

static int converse(int count, const struct pam_message **messages, struct pam_response **given, void *data)
{
	struct script *script = data;
	struct pam_response *responses;
	int is_how = 0;

	for (int i = 0; i < count; i++) {
		int style = messages[i]->msg_style;

		if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON)
			is_how = script->is_from_first || script->asked > 0;
		else
			fprintf(stderr, "%s\n", messages[i]->msg);
	}
	if (is_how && script->how == 'f')
		return PAM_CONV_ERR;
	if (is_how && script->how == 'a')
		return PAM_CONV_AGAIN;
	if (is_how && script->how == 'n') {
		*given = NULL;
		return PAM_SUCCESS;
	}
	responses = calloc((size_t)count, sizeof *responses);
	if (responses == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		int style = messages[i]->msg_style;

		if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
			continue;
		if (!is_how || script->how != 't')
			responses[i].resp = strdup(script->asked == 0 ? script->password : script->answer);
		script->asked++;
	}
	*given = responses;
	return PAM_SUCCESS;
}

static int sign_in(const char *service, const char *user, const char *confdir, struct script *script)
{
	struct pam_conv conversation = { converse, script };
	pam_handle_t *pamh = NULL;
	int result;

	script->asked = 0;
	if (pam_start_confdir(service, user, &conversation, confdir, &pamh) != PAM_SUCCESS) {
		fprintf(stderr, "PAM does not start\n");
		exit(2);
	}
	result = pam_authenticate(pamh, 0);
	pam_end(pamh, result);
	return result;
}

static uint64_t state;

/* xorshift64: the same bytes for the same seed, everywhere. */
static uint32_t random_below(uint32_t end)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % end;
}

static unsigned char sent[MOST];
static size_t sent_size;

static void make(void)
{
	static const char letters[] = "SSWWHHAAION?\n\0";
	uint32_t frames = random_below(6);

	sent_size = 0;
	if (random_below(4) == 0) {
		sent_size = random_below(64);
		for (size_t i = 0; i < sent_size; i++)
			sent[i] = (unsigned char)random_below(256);
		return;
	}
	for (uint32_t frame = 0; frame <= frames; frame++) {
		/* Mostly short; at times as long as may be, and one more than that. */
		static const uint32_t edges[] = { 0, 1, LONGEST - 1, LONGEST, LONGEST + 1, 0xffff };
		uint32_t length = random_below(4) ? random_below(40) : edges[random_below(6)];
		uint32_t comes = length > LONGEST + 1 ? 9 : length;

		if (sent_size + 3 + comes > sizeof sent)
			break;
		sent[sent_size++] = (unsigned char)letters[random_below(sizeof letters - 1)];
		sent[sent_size++] = (unsigned char)(length >> 8);
		sent[sent_size++] = (unsigned char)length;
		for (uint32_t i = 0; i < comes; i++) {
			uint32_t byte = random_below(256);

			sent[sent_size++] = (unsigned char)(byte % 3 ? "%sn%x$*d"[byte % 8] : (int)byte);
		}
	}
	if (sent_size > 0 && random_below(3) == 0)
		sent_size -= random_below((uint32_t)sent_size > 5 ? 5 : (uint32_t)sent_size);
}

/* Whether what is sent lets in: a whole "in" after nothing but frames that are whole and do not end it. */
static int lets_in(void)
{
	size_t at = 0;

	while (at + 3 <= sent_size) {
		size_t length = (size_t)sent[at + 1] << 8 | sent[at + 2];

		if (length > LONGEST || at + 3 + length > sent_size)
			return 0;
		if (sent[at] == 'I')
			return 1;
		if (sent[at] == 0 || strchr("SWHA", sent[at]) == NULL)
			return 0;
		at += 3 + length;
	}
	return 0;
}

static int door;

/* Sends without listening, and then reads until the module has gone: it is never in doubt what the module got. */
static void *agent(void *unused)
{
	char heard[512];
	int fd = accept(door, NULL, NULL);

	for (size_t at = 0; at < sent_size;) {
		ssize_t size = send(fd, sent + at, sent_size - at, MSG_NOSIGNAL);

		if (size <= 0)
			break;
		at += (size_t)size;
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, heard, sizeof heard, 0) > 0)
		continue;
	close(fd);
	return unused;
}

static int fuzz(const char *confdir, const char *path, unsigned long seed, unsigned long count)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	unsigned long let_in = 0, wrong = 0;

	if (strlen(path) >= sizeof address.sun_path)
		return 2;
	strcpy(address.sun_path, path);
	door = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, 8))
		return 2;
	state = seed * 0x9e3779b97f4a7c15u + 1;
	for (unsigned long turn = 0; turn < count; turn++) {
		struct script script = { "password", "answer", answers[random_below(5)], 0, 0 };
		pthread_t thread;
		int is_in;

		make();
		if (pthread_create(&thread, NULL, agent, NULL))
			return 2;
		is_in = sign_in("fuzz", "ana", confdir, &script) == PAM_SUCCESS;
		pthread_join(thread, NULL);
		let_in += (unsigned long)is_in;
		if (is_in != lets_in()) {
			printf("turn %lu of seed %lu: let in %d\n", turn, seed, is_in);
			wrong++;
		}
	}
	printf("%lu of %lu let in, %lu wrongly judged\n", let_in, count, wrong);
	return wrong > 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "fuzz") == 0)
		return fuzz(argv[2], argv[3], strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
	if (argc >= 7 && strcmp(argv[1], "sign-in") == 0) {
		struct script script = { argv[4], argv[6], argv[5][0] | 0x20, (argv[5][0] & 0x20) == 0, 0 };
		int result = sign_in(argv[2], argv[3], argc > 7 ? argv[7] : NULL, &script);

		printf("PAM returned %d, asked %d\n", result, script.asked);
		return result == PAM_SUCCESS ? 0 : 1;
	}
	return 2;
}
