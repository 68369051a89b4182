/** Keeps secrets out of what is logged or thrown: a URL with the values of secret query fields and user info blanked. */
const secretName = /token|secret|passw|pwd|sign|session|auth|credential|api[-_]?key|app[-_]?key|^key$/i;

export const maskUrl = (url: string, alsoSecret: readonly string[] = []): string => {
  const secret = (name: string) =>
    secretName.test(name) || alsoSecret.some((other) => other.toLowerCase() === name.toLowerCase());
  const masked = url.replace(/\/\/[^/@?#]*@/, '//***@');
  const start = masked.indexOf('?');
  if (start < 0) return masked;
  const fields = masked.slice(start + 1).split('&');
  return `${masked.slice(0, start)}?${fields
    .map((field) => {
      const name = field.split('=', 1)[0] ?? '';
      return secret(name) ? `${name}=***` : field;
    })
    .join('&')}`;
};
