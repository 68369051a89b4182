/** Puts the connection values of hub.yaml where the description says `{{connection.x}}`. */
import { LotbridgeError } from '../../core/errors.js';

const place = /\{\{\s*connection\.(\w+)\s*\}\}/g;
const whole = /^\{\{\s*connection\.(\w+)\s*\}\}$/;

/** A value that is nothing but the place keeps its kind (a port stays a number); absent ones are left out of a group. */
export const fill = (template: unknown, connection: Record<string, unknown>): unknown => {
  if (typeof template === 'string') {
    const only = whole.exec(template)?.[1];
    if (only !== undefined) return connection[only];
    return template.replace(place, (_, name: string) => {
      const value = connection[name];
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      throw new LotbridgeError({
        code: 'sql.connection-value',
        class: 'config',
        message: `The connector needs the connection value \`${name}\`.`,
        fix: `Add \`${name}\` under this system's \`connection\` in hub.yaml.`,
      });
    });
  }
  if (Array.isArray(template)) return template.map((one) => fill(one, connection));
  if (typeof template !== 'object' || template === null) return template;
  const filled = Object.entries(template).map(([key, value]) => [key, fill(value, connection)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
};
