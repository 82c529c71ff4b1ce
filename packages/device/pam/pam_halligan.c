/*
 * pam_halligan: relays between PAM and the agent of this machine, and knows nothing else. Frames and letters are those of
 * prompt/frames.ts. Whatever is not a clear "in" lets nobody in, and no failure keeps anybody out whom another module
 * lets in. Arguments: socket=PATH.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#define SOCKET "/run/halligan-device/prompt.sock"
#define LONGEST 4096
/* Seconds. An agent that works at a sign-in says so every 5 s, and of an account it knows at once: a silent one is none. */
#define SILENCE 30
#define ACCOUNT_SILENCE 5

#define SILENT ((int)PAM_SILENT)
#define NO_AGENT "Offline sign-in is not running here: only accounts of this machine itself can sign in."

struct frame {
	char letter;
	char text[LONGEST + 1];
};

/* Reads size bytes. Returns 0, or -1 where they do not come. */
static int take(int fd, void *into, size_t size)
{
	char *at = into;

	while (size > 0) {
		ssize_t got = recv(fd, at, size, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		size -= (size_t)got;
	}
	return 0;
}

static int give(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		/* An agent that has gone must not end the program that called us by a signal. */
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -1;
		at += sent;
		size -= (size_t)sent;
	}
	return 0;
}

static int give_frame(int fd, char letter, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	unsigned char head[3] = { (unsigned char)letter, (unsigned char)(length >> 8), (unsigned char)length };

	if (length > LONGEST)
		return -1;
	return give(fd, head, sizeof head) || give(fd, text, length) ? -1 : 0;
}

/* A text that holds a NUL ends there: the agent sends none. */
static int take_frame(int fd, struct frame *frame)
{
	unsigned char head[3];
	size_t length;

	if (take(fd, head, sizeof head))
		return -1;
	length = (size_t)head[1] << 8 | head[2];
	if (length > LONGEST || take(fd, frame->text, length))
		return -1;
	frame->letter = (char)head[0];
	frame->text[length] = '\0';
	return 0;
}

/* silence: for how many seconds nothing may happen */
static int call(const char *path, int silence)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = silence };
	int fd;

	if (strlen(path) >= sizeof address.sun_path)
		return -1;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
	    connect(fd, (struct sockaddr *)&address, sizeof address)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Asks the person, and hands the answer on. An application that cannot ask, or not now, gives none. */
static int ask(pam_handle_t *pamh, int fd, int style, const char *prompt)
{
	char *typed = NULL;
	int failed;

	if (pam_prompt(pamh, style, &typed, "%s", prompt) != PAM_SUCCESS || typed == NULL)
		failed = give_frame(fd, 'x', NULL);
	else
		failed = give_frame(fd, 'a', typed);
	if (typed != NULL) {
		explicit_bzero(typed, strlen(typed));
		free(typed);
	}
	return failed;
}

/* is_silent: the application wants nothing shown (PAM_SILENT) */
static int converse(pam_handle_t *pamh, int fd, int is_silent)
{
	struct frame frame;

	for (;;) {
		if (take_frame(fd, &frame))
			return PAM_AUTHINFO_UNAVAIL;
		switch (frame.letter) {
		case 'W':
			break;
		case 'S':
			if (!is_silent)
				pam_info(pamh, "%s", frame.text);
			break;
		case 'H':
		case 'A':
			if (ask(pamh, fd, frame.letter == 'H' ? PAM_PROMPT_ECHO_OFF : PAM_PROMPT_ECHO_ON, frame.text))
				return PAM_AUTHINFO_UNAVAIL;
			break;
		case 'I':
			return PAM_SUCCESS;
		case 'O':
			if (!is_silent)
				pam_error(pamh, "%s", frame.text);
			return PAM_PERM_DENIED;
		case 'N':
			return PAM_USER_UNKNOWN;
		default:
			return PAM_AUTHINFO_UNAVAIL;
		}
	}
}

static int give_item(pam_handle_t *pamh, int fd, int item, char letter)
{
	const void *text = NULL;

	if (pam_get_item(pamh, item, &text) != PAM_SUCCESS || text == NULL)
		text = "";
	return give_frame(fd, letter, text);
}

/* last: what ends the question, 'p' with the password or 'q' without one */
static int question(pam_handle_t *pamh, const char *path, int flags, char last, const char *password)
{
	int fd = call(path, last == 'q' ? ACCOUNT_SILENCE : SILENCE);
	int result = PAM_AUTHINFO_UNAVAIL;

	if (fd < 0)
		return result;
	if (!give_item(pamh, fd, PAM_USER, 'n') && !give_item(pamh, fd, PAM_SERVICE, 's') &&
	    !give_item(pamh, fd, PAM_RHOST, 'h') && !give_item(pamh, fd, PAM_TTY, 't') &&
	    !give_frame(fd, 'c', NULL) && !give_frame(fd, last, password))
		result = converse(pamh, fd, flags & SILENT);
	close(fd);
	return result;
}

static const char *socket_of(int argc, const char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], "socket=", 7) == 0)
			return argv[i] + 7;
	return SOCKET;
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = NULL;
	const char *password = NULL;
	int result;

	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || user == NULL)
		return PAM_USER_UNKNOWN;
	/* What another module asked for already, or else asked now. */
	if (pam_get_authtok(pamh, PAM_AUTHTOK, &password, NULL) != PAM_SUCCESS || password == NULL)
		return PAM_AUTHINFO_UNAVAIL;
	result = question(pamh, socket_of(argc, argv), flags, 'p', password);
	if (result == PAM_AUTHINFO_UNAVAIL) {
		pam_syslog(pamh, LOG_WARNING, "no agent answers");
		if (!(flags & SILENT))
			pam_error(pamh, "%s", NO_AGENT);
	}
	return result;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return question(pamh, socket_of(argc, argv), flags, 'q', NULL);
}
