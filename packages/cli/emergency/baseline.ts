/**
 * What to capture before anything is changed, and again after: commands by platform, read-only, each printing to the
 * screen or a file that is then attached.
 */
export const BASELINES = {
  windows: [
    'Get-Date | Out-File C:\\break-glass-session\\baseline.txt',
    'Get-LocalUser | Out-File C:\\break-glass-session\\baseline.txt -Append',
    'Get-LocalGroup | Out-File C:\\break-glass-session\\baseline.txt -Append',
    'Get-LocalGroupMember Administrators | Out-File C:\\break-glass-session\\baseline.txt -Append',
  ],
  linux: [
    'date > /root/break-glass-session/baseline.txt',
    'cat /etc/passwd >> /root/break-glass-session/baseline.txt',
    'cat /etc/group >> /root/break-glass-session/baseline.txt',
    'last -n 20 >> /root/break-glass-session/baseline.txt',
  ],
  macos: [
    'date > ~/break-glass-baseline.txt',
    'dscl . -list /Users UniqueID >> ~/break-glass-baseline.txt',
    'dscl . -read /Groups/admin GroupMembership >> ~/break-glass-baseline.txt',
  ],
  network: ['show clock', 'show running-config', 'show users', 'show logging'],
  entra: [
    'Get-Date | Out-File baseline.txt',
    'Get-MgDirectoryRole | ForEach-Object { Get-MgDirectoryRoleMember -DirectoryRoleId $_.Id } | Out-File baseline.txt -Append',
    'Get-MgIdentityConditionalAccessPolicy | ConvertTo-Json -Depth 10 | Out-File baseline.txt -Append',
  ],
  ldap: [
    'date -u > baseline.txt',
    "ldapsearch -LLL -x -H ldaps://HOST -D BIND_DN -W -b BASE '(objectClass=groupOfNames)' >> baseline.txt",
  ],
  'active-directory': [
    'Get-Date | Out-File baseline.txt',
    "Get-ADGroupMember 'Domain Admins' | Out-File baseline.txt -Append",
    'Get-ADUser -Filter * -Properties Enabled,LockedOut | Out-File baseline.txt -Append',
  ],
  postgresql: ['SELECT now();', '\\du', 'SELECT * FROM pg_hba_file_rules;', 'SHOW ALL;'],
} as const;

export type Platform = keyof typeof BASELINES;

/** Every platform that has commands. */
export const PLATFORMS: readonly Platform[] = [
  'windows',
  'linux',
  'macos',
  'network',
  'entra',
  'ldap',
  'active-directory',
  'postgresql',
];
