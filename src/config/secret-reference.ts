/** How hub.yaml points at a secret instead of holding it: `${env:NAME}` or `${file:PATH}`. */
export interface SecretReference {
  kind: 'env' | 'file';
  /** Variable, or path from the folder of hub.yaml. */
  name: string;
  text: string;
  index: number;
}

export const secretPattern = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|file:([^${}\s][^${}]*))\}/g;

export const referencesIn = (text: string): SecretReference[] =>
  [...text.matchAll(secretPattern)].map((match) => ({
    kind: match[1] === undefined ? 'file' : 'env',
    name: match[1] ?? match[2] ?? '',
    text: match[0],
    index: match.index,
  }));

/** What is left when the well-formed references are taken out still looks like one. */
export const hasBrokenReference = (text: string): boolean => text.replace(secretPattern, '').includes('${');

/** `password`, `appSecret`, `token`, `api-key`, …: values under such names are never written out. */
export const isSecretName = (name: string): boolean =>
  /(password|passwd|passphrase|pwd|secret|appsec|token|api[-_]?key|private[-_]?key|access[-_]?key|credentials?)$/i.test(
    name,
  );

/** `https://user:plain@host`: a password inside an address. */
export const hasPlainPassword = (text: string): boolean => {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*?:([^@]*)@/i.exec(text.replace(secretPattern, ''))?.[1];
  return password !== undefined && password !== '';
};
