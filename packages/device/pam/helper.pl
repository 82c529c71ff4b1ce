#!/usr/bin/perl -Tw
# What pam_exec starts for a sign-in where there is no module of ours: the password comes on the standard input, ended by a
# NUL, the rest in the environment. It shows what the agent says, asks nothing, and ends with 0 to let in: whatever is not a
# clear "in" lets nobody in. Frames and letters are those of prompt/frames.ts. In Perl, which every Debian has, and which
# has let somebody in before Node has started (decision 079).
use strict;

my $SOCKET = '/run/halligan-device/prompt.sock';
# Linux's own numbers, but for SOCK_STREAM on MIPS, where no agent is found then: loading Socket takes longer than all the rest.
my ($AF_UNIX, $SOCK_STREAM) = (1, 1);
my $LONGEST = 4096;
# Seconds. An agent that works at a sign-in says so every 5 s: a silent one is none.
my $SILENCE = 30;

# An agent that has gone is no agent, and no signal.
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { no_agent() };
my $password = password();
my $verdict = ($ENV{PAM_TYPE} // '') eq 'auth' ? verdict() : '';
no_agent() if $verdict eq '';
exit($verdict eq 'I' ? 0 : 1);

sub no_agent {
	syswrite STDOUT, "Offline sign-in is not running here: only accounts of this machine itself can sign in.\n";
	exit 1;
}

# The letter that the agent ends with; empty where none answers.
sub verdict {
	alarm $SILENCE;
	socket(my $agent, $AF_UNIX, $SOCK_STREAM, 0) or return '';
	connect($agent, pack 'S Z*', $AF_UNIX, $SOCKET) or return '';
	my %about = (n => 'PAM_USER', s => 'PAM_SERVICE', h => 'PAM_RHOST', t => 'PAM_TTY');
	my @question = ((map { [$_, $ENV{ $about{$_} } // ''] } sort keys %about), ['p', $password]);
	return '' if grep { length $_->[1] > $LONGEST } @question;
	my $bytes = join '', map { pack 'a n/a*', @$_ } @question;
	my $sent = syswrite $agent, $bytes;
	return '' unless defined $sent && $sent == length $bytes;
	while (1) {
		my ($letter, $length) = unpack 'a n', taken($agent, 3) // return '';
		return '' if $length > $LONGEST;
		alarm $SILENCE;
		my $text = taken($agent, $length) // return '';
		next if $letter eq 'W';
		return '' unless $letter =~ /^[SION]$/;
		syswrite STDOUT, "$text\n" if $letter eq 'S' || $letter eq 'O';
		return $letter if $letter ne 'S';
	}
}

# So many bytes; undefined where they do not come.
sub taken {
	my ($from, $size) = @_;
	my $bytes = '';
	while (length $bytes < $size) {
		my $got = sysread $from, $bytes, $size - length $bytes, length $bytes;
		return undef unless $got;
	}
	return $bytes;
}

# It may hold anything but a NUL.
sub password {
	my $typed = '';
	1 while length $typed <= $LONGEST && sysread STDIN, $typed, $LONGEST + 1 - length $typed, length $typed;
	return (split /\0/, $typed, 2)[0] // '';
}
