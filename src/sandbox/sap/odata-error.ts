/** An error as SAP Gateway answers it: JSON with the details of the application's messages. */
import { randomUUID } from 'node:crypto';

export interface Detail {
  code: string;
  message: string;
}

export class ODataError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Detail[] = [],
  ) {
    super(message);
  }
}

export const errorBody = (error: ODataError, service: string, component: string): object => ({
  error: {
    code: error.code,
    message: { lang: 'en', value: error.message },
    innererror: {
      application: {
        component_id: component,
        service_namespace: '/SAP/',
        service_id: service,
        service_version: '0001',
      },
      transactionid: randomUUID().replaceAll('-', '').toUpperCase(),
      timestamp: `${new Date()
        .toISOString()
        .replace(/[-:TZ]/g, '')
        .slice(0, 14)}.0000000`,
      Error_Resolution: {
        SAP_Transaction:
          'For backend administrators: use ADT feed reader "SAP Gateway Error Log" or run transaction /IWFND/ERROR_LOG',
        SAP_Note: 'See SAP Note 1797736 for error analysis (https://service.sap.com/sap/support/notes/1797736)',
      },
      errordetails: (error.details.length > 0 ? error.details : [{ code: error.code, message: error.message }]).map(
        (detail) => ({ ...detail, propertyref: '', severity: 'error', target: '' }),
      ),
    },
  },
});
