/** Where Microsoft answers; national clouds have hosts of their own. */
export const ENTRA_CLOUDS = {
  worldwide: 'https://login.microsoftonline.com',
  'us-government': 'https://login.microsoftonline.us',
  china: 'https://login.partner.microsoftonline.cn',
} as const;
