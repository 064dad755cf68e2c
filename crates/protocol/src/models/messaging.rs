//! Providers, topics, messages.
use super::{account, table::models};

models! {
    PROVIDER_LIST: "providerList" "Provider list" {
        "total": integer; "providers": list (PROVIDER);
    }
    MESSAGE_LIST: "messageList" "Message list" {
        "total": integer; "messages": list (MESSAGE);
    }
    TOPIC_LIST: "topicList" "Topic list" {
        "total": integer; "topics": list (TOPIC);
    }
    SUBSCRIBER_LIST: "subscriberList" "Subscriber list" {
        "total": integer; "subscribers": list (SUBSCRIBER);
    }
    PROVIDER: "provider" "Provider" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "provider": text; "enabled": boolean = Bool(true); "type": text;
        "credentials": json = EmptyList; "options": json nullable;
    }
    MESSAGE: "message" "Message" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "providerType": text ["email", "sms", "push"]; "topics": text list; "users": text list;
        "targets": text list; "scheduledAt": datetime nullable; "deliveredAt": datetime nullable; "deliveryErrors": text list nullable;
        "deliveredTotal": integer; "data": json = EmptyList; "status": text ["draft", "processing", "scheduled", "sent", "failed"] = Text("draft");
    }
    TOPIC: "topic" "Topic" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "emailTotal": integer; "smsTotal": integer; "pushTotal": integer;
        "subscribe": text list = Texts(&["users"]);
    }
    SUBSCRIBER: "subscriber" "Subscriber" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "targetId": text; "target": (account::TARGET); "userId": text; "userName": text;
        "topicId": text; "providerType": text;
    }
}
