//! Buckets, files and tokens for them.
use super::table::models;

models! {
    FILE_LIST: "fileList" "Files List" {
        "total": integer; "files": list (FILE);
    }
    BUCKET_LIST: "bucketList" "Buckets List" {
        "total": integer; "buckets": list (BUCKET);
    }
    RESOURCE_TOKEN_LIST: "resourceTokenList" "Resource Tokens List" {
        "total": integer; "tokens": list (RESOURCE_TOKEN);
    }
    FILE: "file" "File" {
        "$id": text; "bucketId": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "name": text; "signature": text;
        "mimeType": text; "sizeOriginal": integer; "chunksTotal": integer; "chunksUploaded": integer; "encryption": boolean;
        "compression": text <- "algorithm";
    }
    BUCKET: "bucket" "Bucket" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "$permissions": text list; "fileSecurity": boolean; "name": text;
        "enabled": boolean = Bool(true); "maximumFileSize": integer; "allowedFileExtensions": text list; "compression": text;
        "encryption": boolean = Bool(true); "antivirus": boolean = Bool(true); "transformations": boolean = Bool(true); "totalSize": integer;
    }
    RESOURCE_TOKEN: "resourceToken" "ResourceToken" {
        "$id": text; "$createdAt": datetime; "resourceId": text; "resourceType": text; "expire": datetime; "secret": text; "accessedAt": datetime;
    }
}
