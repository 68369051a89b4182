/** $metadata (EDMX, V2) and the service document of a service. */
import type { EntitySet, Service } from './edm.js';

const lengthOf = (name: string): string => (/^(Product|Material)$/.test(name) ? ' MaxLength="40"' : '');

const entityType = (service: Service, set: EntitySet): string => `
      <EntityType Name="${set.type}" sap:content-version="1">
        <Key>${set.keys.map((key) => `<PropertyRef Name="${key}"/>`).join('')}</Key>
        ${Object.entries(set.properties)
          .map(
            ([name, type]) =>
              `<Property Name="${name}" Type="Edm.${type}"${set.keys.includes(name) ? ' Nullable="false"' : ''}${
                type === 'DateTime' || type === 'DateTimeOffset' || type === 'Time' ? ' Precision="0"' : ''
              }${type === 'Decimal' ? ' Precision="31" Scale="14"' : ''}${type === 'String' ? lengthOf(name) : ''} sap:label="${name}"/>`,
          )
          .join('\n        ')}
        ${set.navigations
          .map(
            ({ name }) =>
              `<NavigationProperty Name="${name}" Relationship="${service.namespace}.assoc_${set.type}_${name}" FromRole="From_${name}" ToRole="To_${name}"/>`,
          )
          .join('\n        ')}
      </EntityType>`;

const associations = (service: Service): string =>
  service.sets
    .flatMap((set) => set.navigations.map((navigation) => ({ set, navigation })))
    .map(({ set, navigation }) => {
      const target = service.sets.find((one) => one.name === navigation.target);
      return `
      <Association Name="assoc_${set.type}_${navigation.name}" sap:content-version="1">
        <End Type="${service.namespace}.${set.type}" Multiplicity="1" Role="From_${navigation.name}"/>
        <End Type="${service.namespace}.${target?.type}" Multiplicity="${navigation.many ? '*' : '0..1'}" Role="To_${navigation.name}"/>
      </Association>`;
    })
    .join('');

const associationSets = (service: Service): string =>
  service.sets
    .flatMap((set) =>
      set.navigations.map(
        (navigation) => `
        <AssociationSet Name="set_${set.type}_${navigation.name}" Association="${service.namespace}.assoc_${set.type}_${navigation.name}">
          <End EntitySet="${set.name}" Role="From_${navigation.name}"/>
          <End EntitySet="${navigation.target}" Role="To_${navigation.name}"/>
        </AssociationSet>`,
      ),
    )
    .join('');

const functionImports = (service: Service): string =>
  service.functions
    .map(({ name, returns, parameters }) => {
      const set = service.sets.find((one) => one.name === returns);
      return `
        <FunctionImport Name="${name}" ReturnType="${service.namespace}.${set?.type}" EntitySet="${returns}" m:HttpMethod="POST">
          ${Object.entries(parameters)
            .map(([key, type]) => `<Parameter Name="${key}" Type="Edm.${type}" Mode="In"/>`)
            .join('')}
        </FunctionImport>`;
    })
    .join('');

export const metadataXml = (service: Service): string => `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData">
  <edmx:DataServices m:DataServiceVersion="2.0">
    <Schema Namespace="${service.namespace}" xml:lang="en" sap:schema-version="1" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">${service.sets
      .map((set) => entityType(service, set))
      .join('')}${associations(service)}
      <EntityContainer Name="${service.namespace}_Entities" m:IsDefaultEntityContainer="true" sap:supported-formats="atom json xlsx">
        ${service.sets.map((set) => `<EntitySet Name="${set.name}" EntityType="${service.namespace}.${set.type}" sap:content-version="1"/>`).join('')}${associationSets(service)}${functionImports(service)}
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>`;
