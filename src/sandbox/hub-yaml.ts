/** The hub.yaml of the simulated plant: the same file that a real plant would write, with the ports that were chosen. */
export interface SandboxHubOptions {
  ports: { sap: number; kingdee: number; wms: number };
  /** PostgreSQL of the MES, `postgres://host:port/database`; a user and a password in it are left out. */
  mesUrl: string;
  /** Instant from which the hub posts, e.g. `2026-11-22T00:00:00+08:00`. */
  goLive: string;
  /** The organization that stands for all facilities of the WMS. */
  wmsOrganization?: string;
  /** `file:` URL of the snapshots; without it, the data folder's own. */
  snapshotsUrl?: string;
}

export const sandboxHubYaml = (options: SandboxHubOptions): string => {
  const { ports, goLive, wmsOrganization = 'FOODS', snapshotsUrl } = options;
  const mes = new URL(options.mesUrl);
  return `\
# The simulated plant: plant 1010 on SAP, plant 200 on Kingdee, one WMS and one MES for both.
timeZone: Asia/Shanghai

systems:
  sap:
    kind: sap-odata
    role: erp
    plants: ['1010']
    settleAfter: 10s
    overlap: 5m
    rate: {perSecond: 200, concurrency: 8}
    connection:
      baseUrl: http://127.0.0.1:${ports.sap}
      client: '100'
      user: \${env:LOTBRIDGE_SANDBOX_SAP_USER}
      password: \${env:LOTBRIDGE_SANDBOX_SAP_PASSWORD}
  kingdee:
    kind: kingdee-k3cloud
    role: erp
    plants: ['200']
    settleAfter: 10s
    overlap: 5m
    rate: {perSecond: 200, concurrency: 8}
    connection:
      baseUrl: http://127.0.0.1:${ports.kingdee}/k3cloud/
      acctId: \${env:LOTBRIDGE_SANDBOX_KINGDEE_ACCT_ID}
      user: \${env:LOTBRIDGE_SANDBOX_KINGDEE_USER}
      appId: \${env:LOTBRIDGE_SANDBOX_KINGDEE_APP_ID}
      appSecret: \${env:LOTBRIDGE_SANDBOX_KINGDEE_APP_SECRET}
      lcid: 2052
      orgNumber: '200'
  wms:
    kind: http
    connector: wms.yaml
    role: wms
    plants: ['1010', '200']
    settleAfter: 10s
    overlap: 1m
    rate: {perSecond: 200, concurrency: 8}
    connection:
      baseUrl: http://127.0.0.1:${ports.wms}
      organization: ${wmsOrganization}
      location: ${wmsOrganization}
      username: \${env:LOTBRIDGE_SANDBOX_WMS_USER}
      password: \${env:LOTBRIDGE_SANDBOX_WMS_PASSWORD}
      clientId: \${env:LOTBRIDGE_SANDBOX_WMS_CLIENT_ID}
      clientSecret: \${env:LOTBRIDGE_SANDBOX_WMS_CLIENT_SECRET}
  mes:
    kind: sql
    connector: mes.yaml
    role: mes
    plants: ['1010', '200']
    dayStart: '06:00'
    settleAfter: 10s
    overlap: 5m
    connection:
      host: ${mes.hostname}
      port: ${mes.port || '5432'}
      database: ${mes.pathname.slice(1)}
      user: \${env:LOTBRIDGE_SANDBOX_MES_USER}
      password: \${env:LOTBRIDGE_SANDBOX_MES_PASSWORD}

flows:
  material-sap:
    entity: material
    from: sap
    to: [wms, mes]
    owner: sap
    mode: write
  material-kingdee:
    entity: material
    from: kingdee
    to: [wms, mes]
    owner: kingdee
    mode: write
  # A lot that one system knows reaches the others in their own numbers. Kingdee makes its lots from the bills.
  lots:
    entity: lot
    from: [mes, wms, sap, kingdee]
    to: [mes, wms, sap, kingdee]
    owner: {'*': mes, supplier: wms, supplierLot: wms, received: wms}
    mode: write
  # What happened in the MES and the WMS since go-live becomes ERP documents, once.
  movements:
    entity: movement
    from: [wms, mes]
    to:
      - {system: sap, where: {plant: '1010'}}
      - {system: kingdee, where: {plant: '200'}}
    mode: write
    start: ${goLive}

jobs:
  stock-1010:
    compare: [sap, wms]
    plants: ['1010']
    locations:
      sap: ['0101', '0103', '0104']
      wms: {'10R*': '0101', '10F*': '0103', '10C*': '0104'}
    grain: [plant, location, material, variant, lot, status]
    rollUp: [bin, sublot]
    tolerance: {absolute: 0.001}
    settle: 15m
  stock-200:
    compare: [kingdee, wms]
    plants: ['200']
    locations:
      kingdee: [CK01, CK02, CK03, CK21]
      wms: {'20R*': CK01, '20F*': CK02, '20C*': CK03, '21T*': CK21}
    grain: [plant, location, material, variant, lot, status]
    rollUp: [bin, sublot]
    tolerance: {absolute: 0.001}
    settle: 15m
  line-1010:
    compare: [sap, mes]
    plants: ['1010']
    locations: {sap: ['0150'], mes: ['0150']}
    grain: [plant, location, material, variant, lot]
    sumAway: [status]
    rollUp: [sublot]
    tolerance: {absolute: 0.001}
    settle: 15m
  line-200:
    compare: [kingdee, mes]
    plants: ['200']
    locations: {kingdee: [XB01], mes: [XB01]}
    grain: [plant, location, material, variant, lot]
    sumAway: [status]
    rollUp: [sublot]
    tolerance: {absolute: 0.001}
    settle: 15m

schedules:
  nightly:
    at: '01:30'
    catchUp: 6h
${snapshotsUrl === undefined ? '' : `\nsnapshots:\n  url: ${snapshotsUrl}\n`}`;
};
