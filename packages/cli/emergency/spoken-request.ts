/** What the requester says to the approver, in the procedure's own words. */
export function spokenRequest(said: {
  readonly account: string;
  readonly reason: string;
  readonly cause: string;
  readonly second?: string;
}): string {
  const reason = said.reason.trim().replace(/[.!?]*$/, '');
  const company =
    said.second === undefined
      ? 'I have nobody available for dual control, and ask an executive to sign first.'
      : `I have ${said.second} available for dual control.`;
  return `“I am requesting break-glass access to ${said.account} because ${reason}. Normal access has failed due to ${said.cause}. ${company}”`;
}
