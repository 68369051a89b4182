/**
 * The address of the next page, as the system gave it: taken relative to the page before, and followed on the system's
 * own server only, because every request shows our credentials.
 */
import { ErrorClass, LotbridgeError } from '../../core/errors.js';

/** @throws LotbridgeError `http.foreign-link` */
export const ownLink = (link: string, from: string, baseUrl: string, where: string): string => {
  const base = new URL(baseUrl);
  const target = URL.canParse(link, from) ? new URL(link, from) : undefined;
  if (target?.hostname !== base.hostname) {
    throw new LotbridgeError({
      code: 'http.foreign-link',
      class: ErrorClass.config,
      message: `${where}: the link to the next page leads to ${target?.hostname ?? 'no address'}, not to ${base.hostname}`,
      fix: 'Set baseUrl to the host that the links name, or declare paging by page, offset or cursor.',
    });
  }
  // Behind a proxy a system may name its inner port or scheme. A brace would be read as a template.
  return `${base.origin}${target.pathname}${target.search}`.replaceAll('{', '%7B');
};
